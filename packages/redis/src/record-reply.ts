import { RecordError, type Versioned } from '@miro-oauth/core'
import { toTexts } from './commands.js'

/** `done`, or what stands under the key. */
export type RecordReply = { done: true } | { done: false, current: Versioned | null }

/**
 * What the script answered.
 *
 * @throws {RecordError} something that this store did not write is under the key; it was left alone
 */
export function parseReply (reply: unknown): RecordReply {
  const [state, version = '', expiresAt = '', ageMs, body = ''] = toTexts(reply)
  if (state === 'done') return { done: true }
  if (state === 'absent') return { done: false, current: null }
  if (state !== 'found') throw new RecordError()
  return { done: false, current: { body, version, expiresAt: expiresAt === '' ? null : Number(expiresAt), ageMs: Number(ageMs) } }
}
