import type { Reply } from './reply.js'

/** A refusal by its form alone. Miro's message is left out: it is for people, and nothing may depend on it. */
export interface RefusalShape {
  status: number
  form: 'accepted' | 'envelope' | 'rfc6749' | 'other json' | 'empty' | 'not json'
  /** Miro's `code`, or the `error` of RFC 6749. */
  code: string | null
}

/** Words of a protocol, such as `oauthError`, `invalid_grant` or `2.0741`. Longer ones could be tokens. */
const protocolWord = /^[\w.-]{1,30}$/

/** A word of a protocol as it is, and of everything else the type and length. */
export function wordOf (value: unknown): string {
  return typeof value === 'string' && protocolWord.test(value) ? value : shapeOf(value)
}

/** A value by type and length, such as `text of 19` or `number of 19`. */
export function shapeOf (value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'string') return `text of ${value.length}`
  if (typeof value === 'number') return `number of ${BigInt(Math.trunc(value)).toString().length}`
  if (Array.isArray(value)) return 'list'
  return value === null ? 'null' : typeof value
}

export function isAccepted ({ status }: Reply): boolean {
  return status >= 200 && status < 300
}

export function refusalOf (reply: Reply): RefusalShape {
  const { status, json } = reply
  if (isAccepted(reply)) return { status, form: 'accepted', code: null }
  if (json === null) return { status, form: reply.isEmpty ? 'empty' : 'not json', code: null }
  if ('error' in json) return { status, form: 'rfc6749', code: wordOf(json['error']) }
  if ('code' in json && json['type'] === 'error') return { status, form: 'envelope', code: wordOf(json['code']) }
  return { status, form: 'other json', code: null }
}

/** A refusal in one line: `401 envelope oauthError`. */
export function refusalText (reply: Reply): string {
  const { status, form, code } = refusalOf(reply)
  return [status, form, code].filter((part) => part !== null).join(' ')
}
