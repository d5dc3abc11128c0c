import type { Miro } from '../miro.js'
import type { Person } from '../seed/directory.js'
import { EmulatorMembershipError } from '../seed/membership-error.js'
import { toMembershipValue } from './authorize-decision.js'
import { EmulatorAuthorizeError } from './authorize-error.js'
import { authorizePaths } from './authorize-request.js'

interface Answer {
  url: string | URL
  person: Person
  decision: 'authorize' | 'decline'
}

/** Posts the form of the authorize page, over HTTP, so that faults and the log see it as they see a browser's. */
export async function answerAuthorizePage (miro: Miro, { url, person, decision }: Answer): Promise<string> {
  const membership = miro.directory.membership(person.userId, person.teamId)
  if (membership === undefined) throw new EmulatorMembershipError()
  const page = toPageUrl(miro, String(url))
  const body = new URLSearchParams({ decision, membership: toMembershipValue(membership) })
  const answer = await fetch(page, { method: 'POST', redirect: 'manual', body })
  await answer.body?.cancel()
  const callback = answer.headers.get('location')
  if (callback === null) throw new EmulatorAuthorizeError('The authorize page refused the request')
  return callback
}

const loopback = ['localhost', '127.0.0.1', '[::1]']

/** Without this check, an app that is not configured for the emulator would lead to the real Miro. */
function toPageUrl (miro: Miro, url: string): URL {
  const page = URL.canParse(url) ? new URL(url) : null
  const isHere = page?.protocol === 'http:' && loopback.includes(page.hostname) && page.port === new URL(miro.url).port
  if (page === null || !isHere || !authorizePaths.some((path) => path === page.pathname)) throw new EmulatorAuthorizeError('The URL is not that of this emulator’s authorize page')
  return page
}
