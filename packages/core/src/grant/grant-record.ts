import { RecordError, type ReauthorizeReason } from '../errors.js'
import { isJsonObject } from '../wire/lossless-json.js'
import { namesOf, type Grant, type GrantRef } from './grant.js'
import type { TokenPair } from './token-pair.js'

/** What every state of a grant's record holds. */
interface Common extends Grant {
  clientId: string
  /** Random per connect and per disconnect: nothing of an older epoch writes again. */
  epoch: string
}

/** A grant in use. */
export interface ActiveGrant extends Common {
  status: 'active'
  /** Random id of this grant's life. Links and sessions hold it and are void where it differs. */
  consent: string
  pair: TokenPair
  /** The mark that somebody is refreshing. Its age is the age of the record's version. */
  claim: { id: string } | null
  /** No refresh before this instant (epoch milliseconds), after a failure that cost nothing. */
  notBefore: number | null
  /** Failures in a row that cost nothing, for the back-off. */
  failures: number
  /** An answer to the current refresh token was lost: a refusal now most likely means that it held the live pair. */
  answerLost: boolean
  /** Miro refused something unclear: ask again with the same token, not before `nextAt`. */
  doubt: Doubt | null
  /** When a 401 of the API last forced a refresh (epoch milliseconds). */
  forcedAt: number | null
}

/** Since when, and how often, Miro refused something it does not explain. */
export interface Doubt {
  since: number
  count: number
  nextAt: number
}

/** A tombstone: Miro refused the current refresh token. A late success of the same lineage overwrites it. */
export interface RejectedGrant extends Common {
  status: 'rejected'
  consent: string
  lineage: string | null
  reason: ReauthorizeReason
}

/** A tombstone that nothing overwrites but a connect. */
export interface DisconnectedGrant extends GrantRef {
  status: 'disconnected'
  clientId: string
  epoch: string
}

export type GrantRecord = ActiveGrant | RejectedGrant | DisconnectedGrant

const format = 1

/** The record as stored text. */
export function serializeGrant (record: GrantRecord): string {
  return JSON.stringify({ format, ...record })
}

/**
 * Reads a stored grant and checks every field, and that it belongs where it was found.
 *
 * @throws {RecordError} corrupt, of another key, or written by a newer version
 */
export function parseGrant (body: string, home: GrantRef & { clientId: string }): GrantRecord {
  const fields = parseBody(body)
  const record = { ...fields }
  delete record['format']
  if (fields['format'] !== format || !isGrantRecord(record)) throw new RecordError()
  if (record.clientId !== home.clientId || record.userId !== home.userId || record.teamId !== home.teamId) throw new RecordError()
  return record
}

/** What callers may see of a record. */
export function toGrant (record: ActiveGrant): Grant {
  const { userId, teamId, scopes, connectedAt } = record
  return { userId, teamId, scopes, connectedAt, ...namesOf(record) }
}

function parseBody (body: string): Record<string, unknown> {
  try {
    const fields: unknown = JSON.parse(body)
    if (isJsonObject(fields)) return fields
  } catch {
    // The parser's message quotes the body, which holds tokens.
  }
  throw new RecordError()
}

function isGrantRecord (fields: unknown): fields is GrantRecord {
  if (!hasFields(fields, { clientId: isText, userId: isText, teamId: isText, epoch: isText })) return false
  switch (fields['status']) {
    case 'disconnected': return true
    case 'rejected': return hasFields(fields, { ...profile, lineage: orNull(isText), reason: isText })
    case 'active': return hasFields(fields, {
      ...profile,
      pair: (value) => hasFields(value, { accessToken: isText, refreshToken: orNull(isText), issuedAt: isNumber, expiresAt: orNull(isNumber) }),
      claim: orNull((value) => hasFields(value, { id: isText })),
      notBefore: orNull(isNumber),
      failures: isNumber,
      answerLost: (value) => typeof value === 'boolean',
      doubt: orNull((value) => hasFields(value, { since: isNumber, count: isNumber, nextAt: isNumber })),
      forcedAt: orNull(isNumber)
    })
    default: return false
  }
}

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string' && value !== ''
const isNumber: Check = Number.isFinite
const isOptionalText: Check = (value) => value === undefined || typeof value === 'string'
const orNull = (check: Check): Check => (value) => value === null || check(value)
const profile: Record<string, Check> = {
  consent: isText,
  scopes: (value) => Array.isArray(value) && value.every((scope) => typeof scope === 'string'),
  connectedAt: isNumber,
  userName: isOptionalText,
  teamName: isOptionalText
}

function hasFields (value: unknown, checks: Record<string, Check>): value is Record<string, unknown> {
  return isJsonObject(value) && Object.entries(checks).every(([name, check]) => check(value[name]))
}
