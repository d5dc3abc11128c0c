import type { Miro } from '../wire/miro.js'
import { toAuthorizeLink } from '../session/authorize-link.js'
import type { Finding, Question } from './question.js'

const policies = ['same-origin', 'same-origin-allow-popups', 'noopener-allow-popups', 'unsafe-none']
const mostRedirects = 5

export const opener: Question = {
  id: 'opener',
  question: 'Does the authorize page cut off the window that opened it (Cross-Origin-Opener-Policy, nobody signed in)?',
  ask: async (session) => describeOpener(await readPolicies(session.miro, toAuthorizeLink(session.config, 'opener', null)))
}

/** The policies of the page and of the pages that it redirects to, as long as they are at its own origin. */
async function readPolicies (miro: Miro, start: URL): Promise<string[]> {
  const found: string[] = []
  for (let url: URL | null = start; url !== null && found.length <= mostRedirects;) {
    const { headers }: Response = await miro.page(url)
    found.push(headers.get('cross-origin-opener-policy') ?? 'none')
    url = next(url, headers.get('location'))
  }
  return found
}

function next (url: URL, location: string | null): URL | null {
  const target = location !== null && URL.canParse(location, url.href) ? new URL(location, url) : null
  return target?.origin === url.origin ? target : null
}

/** @param found the header of each page, or `none` */
export function describeOpener (found: readonly string[]): Finding {
  const named = found.map((value) => {
    const [policy = ''] = value.split(';')
    return value === 'none' || policies.includes(policy) ? policy : 'unknown'
  })
  const cutting = named.find((policy) => policy !== 'none' && policy !== 'unsafe-none')
  return { answer: cutting ?? 'not cut off', facts: { policies: named } }
}
