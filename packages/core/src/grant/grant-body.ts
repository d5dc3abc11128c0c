import { RecordError } from '../errors.js'
import { isJsonObject } from '../wire/lossless-json.js'
import type { GrantRecord } from './grant-record.js'
import type { GrantRef } from './grant.js'
import type { TokenPair } from './token-pair.js'

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
  const { format: written, ...record } = parseBody(body)
  if (written !== format || !isGrantRecord(record)) throw new RecordError()
  if (record.clientId !== home.clientId || record.userId !== home.userId ||
    record.teamId !== home.teamId) throw new RecordError()
  return record
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

type Check = (value: unknown) => boolean
/** A check per field, as a list: made once, and walked for every record that is read. */
type Checks = ReadonlyArray<readonly [name: string, check: Check]>

const isText: Check = (value) => typeof value === 'string' && value !== ''
const isNumber: Check = Number.isFinite
const isBoolean: Check = (value) => typeof value === 'boolean'
const isTexts: Check = (value) => Array.isArray(value) && value.every((item) => typeof item === 'string')
const isOptionalTexts: Check = (value) => value === undefined || isTexts(value)
const isOptionalText: Check = (value) => value === undefined || typeof value === 'string'
const orNull = (check: Check): Check => (value) => value === null || check(value)
const holding = (checks: Record<string, Check>): Check => {
  const list = Object.entries(checks)
  return (value) => hasFields(value, list)
}

const common = { clientId: isText, userId: isText, teamId: isText, epoch: isText, appUserIds: isOptionalTexts }
const profile = {
  consentId: isText,
  scopes: isTexts,
  connectedAt: isNumber,
  usedAt: isNumber,
  isProvisional: (value: unknown) => value === undefined || value === true,
  userName: isOptionalText,
  teamName: isOptionalText
}
const isPair = holding({
  accessToken: isText, refreshToken: orNull(isText), issuedAt: isNumber, expiresAt: orNull(isNumber)
})
const checksOf: Record<GrantRecord['status'], Check> = {
  disconnected: holding({ ...common, isForgotten: (value) => value === undefined || isBoolean(value) }),
  rejected: holding({ ...common, ...profile, refreshTokenHash: orNull(isText), reason: isText, reported: isBoolean }),
  active: holding({
    ...common,
    ...profile,
    pair: isPair,
    refresh: holding({
      lease: orNull(holding({ id: isText })),
      retryAt: orNull(isNumber),
      failures: isNumber,
      answerLost: isBoolean,
      unclear: orNull(holding({
        count: isNumber,
        workedBetween: isNumber,
        retryAt: isNumber,
        secretId: isText,
        appInDoubt: isBoolean,
        forced: isBoolean
      })),
      forcedAt: orNull(isNumber),
      reported: isBoolean
    })
  })
}

/** Whether a stored value is a pair. */
export function isTokenPair (value: unknown): value is TokenPair {
  return isPair(value)
}

function isGrantRecord (fields: unknown): fields is GrantRecord {
  const status = isJsonObject(fields) ? fields['status'] : null
  return isStatus(status) && checksOf[status](fields)
}

function isStatus (value: unknown): value is GrantRecord['status'] {
  return typeof value === 'string' && Object.hasOwn(checksOf, value)
}

function hasFields (value: unknown, checks: Checks): boolean {
  return isJsonObject(value) && checks.every(([name, check]) => check(value[name]))
}
