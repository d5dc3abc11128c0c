import type { FastifyReply } from 'fastify'
import type { ToldFailure } from '../flow/result-cookie.js'
import { keepOpener } from '../http/response-headers.js'
import { sentenceOf, titleOf } from './failure-words.js'
import { headersOfPage, renderPage, tryAgain } from './html-page.js'

/** How the window of a panel ended. */
export type ConnectEnd =
  | { kind: 'connected' }
  /** `teamName`: the one that was chosen in place of the board's. */
  | { kind: 'other-team', teamName: string | null }
  | { kind: 'failed', failure: ToldFailure }
  /** The browser does not know any more. */
  | { kind: 'forgotten' }

/** Tells the panel, and no page of another origin. A window that has good news closes itself. */
const script = 'const{code}=document.currentScript.dataset;' +
  'opener?.postMessage({type:"miro-connect",code},location.origin);' +
  'if(code==="connected")close()'
const headers = { ...headersOfPage(script), ...keepOpener }
const goBack = 'You can close this window, and go back to the board.'

/** Sends the page that the window of a panel ends on. @param connectUrl with which its person starts again */
export function sendConnectPage (reply: FastifyReply, end: ConnectEnd, connectUrl: string): FastifyReply {
  const { status, code, ...text } = toText(end)
  const isError = code.startsWith('MIRO_')
  const page = renderPage(
    { ...text, code: isError ? code : null, link: isError || end.kind === 'other-team' ? tryAgain(connectUrl) : null },
    `<script data-code="${code}">${script}</script>`
  )
  const given = end.kind === 'failed' ? end.failure.headers : {}
  return reply.code(status).headers({ ...given, ...headers }).type('text/html; charset=utf-8').send(page)
}

function toText (end: ConnectEnd): { status: number, code: string, title: string, sentence: string } {
  switch (end.kind) {
    case 'connected': return { status: 200, code: 'connected', title: 'Miro is connected', sentence: goBack }
    case 'other-team': return { status: 200, code: 'other-team', ...toOtherTeam(end.teamName) }
    case 'forgotten': return { status: 200, code: 'ended', title: 'This window has done its part', sentence: goBack }
    case 'failed': {
      const { code, statusCode } = end.failure
      const title = titleOf('connect', code, 'Connecting to Miro did not work')
      return { status: statusCode, code, title, sentence: sentenceOf(end.failure, 'connect Miro') }
    }
  }
}

function toOtherTeam (teamName: string | null): { title: string, sentence: string } {
  const chosen = teamName === null ? 'another team' : `the team “${isolate(teamName)}”`
  return {
    title: 'Another team was connected',
    sentence: `You chose ${chosen}, but the board belongs to another one. Try again, and choose the team of the board.`
  }
}

/**
 * Keeps the direction of a name from the sentence around it: one written from right to left would move the words after
 * it. Characters that set directions are left out of the name, since one of them could end the isolation.
 *
 * @see https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates
 */
function isolate (name: string): string {
  return `\u2068${name.replaceAll(/[\u202A-\u202E\u2066-\u2069]/g, '')}\u2069`
}
