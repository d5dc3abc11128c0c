import { invalidClient, invalidGrant, toOAuthAnswer } from '../oauth/oauth-refusal.js'
import type { RefusalStyle } from '../settings.js'
import { conflict, tokenNotFound } from '../wire/envelope.js'
import { isObject } from '../wire/json-body.js'
import { toJsonText } from '../wire/json-text.js'
import { jsonType, type PlainAnswer } from '../wire/plain-answer.js'
import type { Answer, Garble, Refuse } from './fault-options.js'
import { isTarget } from './fault-target.js'

/** A page such as a proxy puts in the place of an answer. */
const page = [
  '<!doctype html>',
  '<html lang="en"><head><title>Just a moment…</title></head><body><h1>Just a moment…</h1></body></html>',
  ''
].join('\n')

/** The answer where the `match` of a fault throws, to tell a mistake in the test from a bug of the emulator. */
export const brokenMatch: Answer = {
  do: 'answer',
  status: 500,
  body: { status: 500, code: 'faultFailed', message: 'The match of a fault threw', type: 'error' }
}

interface Context {
  path: string
  style: RefusalStyle
}

/** The answer that the client gets in place of `answer`. */
export function toFaultyAnswer (action: Refuse | Answer | Garble, answer: PlainAnswer, context: Context): PlainAnswer {
  if (action.do === 'refuse') return toRefusedAnswer(action, context)
  return action.do === 'answer' ? toGivenAnswer(action) : toGarbledAnswer(action, answer)
}

/** A refusal as the endpoint itself would make it: `refusals` applies to the token endpoint only. */
function toRefusedAnswer ({ as = 'grant' }: Refuse, { path, style }: Context): PlainAnswer {
  const isToken = isTarget(path, 'token')
  if (as === 'conflict') return toOAuthAnswer(conflict(), isToken ? style : 'envelope')
  const grantRefusal = isToken ? invalidGrant('Invalid refresh token') : tokenNotFound()
  return toOAuthAnswer(as === 'client' ? invalidClient() : grantRefusal, isToken ? style : 'envelope')
}

function toGivenAnswer ({ status, headers = {}, body = '' }: Answer): PlainAnswer {
  if (typeof body === 'string') return { status, headers, body }
  return { status, headers: { ...jsonType, ...headers }, body: toJsonText(body) }
}

function toGarbledAnswer ({ as }: Garble, answer: PlainAnswer): PlainAnswer {
  if (as === 'html') return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: page }
  if (as === 'types') return { ...answer, body: changeTypes(answer.body) }
  return { ...answer, body: answer.body.slice(0, Math.floor(answer.body.length / 2)) }
}

/** Gives every member of a JSON object a value of another type. */
function changeTypes (text: string): string {
  const value = parse(text)
  if (!isObject(value)) return '[]'
  const members = Object.entries(value).map(([name, member]: [string, unknown]) => [name, toOtherType(member)])
  return JSON.stringify(Object.fromEntries(members))
}

function toOtherType (value: unknown): unknown {
  if (typeof value === 'string') return value.length
  if (typeof value === 'number') return 'soon'
  return value === null ? {} : null
}

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
