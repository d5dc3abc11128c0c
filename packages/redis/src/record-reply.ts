import { RecordError, type Versioned } from '@miro-oauth/core'
import { toTexts } from './commands.js'

/** `done`, or the current record of the key. */
export type RecordReply = { done: true } | { done: false, current: Versioned | null }

/**
 * Parses the reply of the script.
 *
 * @throws {RecordError} the key holds a value that this store did not write; it is left as it is
 */
export function parseReply (reply: unknown): RecordReply {
  const [state, version = '', expiresAt = '', ageMs, body = ''] = toTexts(reply)
  if (state === 'done') return { done: true }
  if (state === 'absent') return { done: false, current: null }
  if (state !== 'found') throw new RecordError()
  const current = { body, version, expiresAt: expiresAt === '' ? null : Number(expiresAt), ageMs: Number(ageMs) }
  return { done: false, current }
}
