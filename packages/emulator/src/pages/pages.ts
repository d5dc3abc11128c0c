import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Eta } from 'eta'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { toText } from '../wire/plain-answer.js'
import { type PageTraits, toPageHeaders } from './page-headers.js'

/** The folder of what browsers get: pages, their style, and scripts. A build moves this code, but not the package. */
export const views = fileURLToPath(new URL('views', import.meta.resolve('@miro-oauth/emulator/package.json')))
const style = readFileSync(`${views}/style.css`, 'utf8')
const styleHash = createHash('sha256').update(style).digest('base64')
const eta = new Eta({ views, cache: true })

/** One choice of the authorize page: a person in one of their teams. */
export interface MembershipChoice {
  value: string
  userName: string
  teamName: string
  initials: string
  checked: boolean
}

/** The data of each page. The templates escape all of it. */
export interface PageData {
  authorize: {
    appName: string
    scopes: readonly { name: string, description: string }[]
    choices: readonly MembershipChoice[]
    problem: string | null
    returnsTo: string
  }
  failure: { title: string, message: string }
  installed: { appName: string, teamName: string }
  home: {
    appFormLink: string
    boards: readonly { name: string, teamName: string, link: string }[]
    facts: readonly { name: string, values: readonly string[] }[]
    people: readonly {
      userName: string
      userId: string
      teamName: string
      teamId: string
      installed: boolean
      installLink: string
    }[]
    installations: number
    livePairs: number
    clocks: { app: string, miro: string }
    requests: readonly { method: string, path: string, status: number, note: string }[]
  }
  board: {
    name: string
    description: string
    teamName: string
    notes: readonly { content: string, type: string }[]
    people: readonly { id: string, name: string, selected: boolean }[]
    authorizeLink: string | null
    app: { name: string, initial: string, setup: string } | null
  }
}

export interface Page<Name extends keyof PageData> {
  name: Name
  title: string
  data: PageData[Name]
  status?: number
  traits?: PageTraits
}

/** Renders and sends a page. Its headers forbid frames around it, and what its traits do not ask for. */
export function sendPage<Name extends keyof PageData> (reply: FastifyReply, page: Page<Name>): FastifyReply {
  const body = eta.render(`./${page.name}`, page.data)
  const html = eta.render('./layout', { title: page.title, style, body })
  return reply
    .code(page.status ?? 200)
    .headers(toPageHeaders(styleHash, page.traits ?? {}))
    .serializer(toText)
    .send(html)
}

/** Whether a page of another site sent this form. A client without `Sec-Fetch-Site` is not a browser: it may. */
export function isCrossSite (request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  return site !== undefined && site !== 'same-origin' && site !== 'none'
}
