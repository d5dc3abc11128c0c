import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Eta } from 'eta'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { toText } from '../wire/plain-answer.js'

const views = fileURLToPath(new URL('../../views', import.meta.url))
const style = readFileSync(`${views}/style.css`, 'utf8')
const styleHash = createHash('sha256').update(style).digest('base64')
const eta = new Eta({ views, cache: true })

/** One line of the authorize page: a person in one of their teams. */
export interface MembershipChoice {
  value: string
  userName: string
  teamName: string
  initials: string
  checked: boolean
}

/** What each page shows; everything is escaped when it is rendered. */
export interface PageData {
  authorize: {
    appName: string
    scopes: readonly { name: string, words: string }[]
    choices: readonly MembershipChoice[]
    problem: string | null
    returnsTo: string
  }
  failure: { title: string, message: string }
  home: {
    facts: readonly { name: string, values: readonly string[] }[]
    people: readonly { userName: string, userId: string, teamName: string, teamId: string, installed: boolean }[]
    installations: number
    livePairs: number
    clocks: { app: string, miro: string }
    requests: readonly { method: string, path: string, status: number, note: string }[]
  }
  board: { name: string, description: string, teamName: string, notes: readonly { content: string, type: string }[] }
}

export interface Page<Name extends keyof PageData> {
  name: Name
  title: string
  data: PageData[Name]
  status?: number
}

/** Renders and sends a page that runs no script, loads nothing from elsewhere and cannot be framed. */
export function sendPage<Name extends keyof PageData> (reply: FastifyReply, page: Page<Name>): FastifyReply {
  const body = eta.render(`./${page.name}`, page.data)
  const html = eta.render('./layout', { title: page.title, style, body })
  return reply
    .code(page.status ?? 200)
    .headers(toPageHeaders(page.name))
    .serializer(toText)
    .send(html)
}

/**
 * No `form-action` on the authorize page: Chromium applies it to every redirect after the form, and where the app
 * sends the browser after its callback is not ours to know.
 */
function toPageHeaders (name: keyof PageData): Record<string, string> {
  const formAction = name === 'authorize' ? '' : "; form-action 'self'"
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'${formAction}`,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff'
  }
}

/** Whether another site made the browser send this form; anything that is no browser says nothing and may. */
export function isFromElsewhere (request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  return site !== undefined && site !== 'same-origin' && site !== 'none'
}
