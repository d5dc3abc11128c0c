import { RecordError, type Versioned } from '@miro-oauth/core'
import { toList, toText, toTexts } from './commands.js'

/** `done`, and whether Redis refused the record's place in the index; or the current record of the key. */
export type CasReply = { done: true, isUnindexed: boolean } | { done: false, current: Versioned | null }

/**
 * Parses the reply of a compare-and-set.
 *
 * @throws {RecordError} the key holds a value that this store did not write; it is left as it is
 */
export function parseCasReply (reply: unknown): CasReply {
  const [state, stored = '', ...time] = toTexts(reply)
  if (state === 'done') return { done: true, isUnindexed: stored === 'unindexed' }
  if (state === 'absent') return { done: false, current: null }
  if (state !== 'found') throw new RecordError()
  return { done: false, current: parseRecord(stored, toMs(time)) }
}

/** Parses the reply of a read: for each key its record, `null`, or a {@link RecordError} where the value is foreign. */
export function parseReadReply (reply: unknown): Array<Versioned | null | RecordError> {
  const [seconds, microseconds, found] = toList(reply)
  const now = toMs([toText(seconds), toText(microseconds)])
  return toList(found).map((stored) => stored === null ? null : parseOwn(toText(stored), now))
}

function parseOwn (stored: string, now: number): Versioned | null | RecordError {
  try {
    return parseRecord(stored, now)
  } catch (error) {
    if (error instanceof RecordError) return error
    throw error
  }
}

/** What stands before the body: the format, the version, when it was written, and when it expires. */
const head = /^miro1 (\S+) (\d+) (\S*)\n/

/** `null`: it has expired. @throws {RecordError} */
function parseRecord (stored: string, now: number): Versioned | null {
  const [line, version, writtenAt, expiry] = head.exec(stored) ?? []
  const expiresAt = expiry === '' ? null : Number(expiry)
  if (line === undefined || version === undefined || Number.isNaN(expiresAt)) throw new RecordError()
  if (expiresAt !== null && expiresAt <= now) return null
  return { body: stored.slice(line.length), version, expiresAt, ageMs: Math.max(0, now - Number(writtenAt)) }
}

/** What `TIME` answers, in milliseconds. */
function toMs ([seconds, microseconds]: string[]): number {
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)
}
