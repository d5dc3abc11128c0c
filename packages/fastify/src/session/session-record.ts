import { hash, randomBytes } from 'node:crypto'
import { RecordError, type Entry, type GrantRef } from '@miro-oauth/core'

/** A grant, and the consent it had at login. Where the grant has another consent now, the session is void. */
export interface SessionGrant extends GrantRef {
  consentId: string
}

/** The record of a session. Instants are epoch milliseconds. */
export interface Session extends SessionGrant {
  /**
   * Names the session to its person, and in events: the hash of its first id. It stays the same when the id changes,
   * and gives no access.
   */
  publicId: string
  createdAt: number
  touchedAt: number
  /**
   * When it ends by the limits that were in force at login. The index keeps its place for as long, so a session that
   * outlived this instant, since the limits were raised, could be neither seen nor ended.
   */
  endsAt: number
  /** What the app calls the browser, by its option `session.label`. */
  label: string | null
}

/** How long a session lasts, in milliseconds. */
export interface SessionLimits {
  idleMs: number
  absoluteMs: number
}

/** Where the record of a session id is kept: a hash, since a copy of the store must sign no one in. */
export function recordIdOf (sessionId: string): string {
  return hash('sha256', sessionId, 'base64url')
}

/** A new id of a session, for the browser alone, and where the record of that id is kept. */
export function createSessionId (): { id: string, recordId: string } {
  const id = randomBytes(32).toString('base64url')
  return { id, recordId: recordIdOf(id) }
}

/** When a session ends if it is not used again: by its own instants, whatever expiry its record has in the store. */
export function expiryOf ({ touchedAt, createdAt, endsAt }: Session, { idleMs, absoluteMs }: SessionLimits): number {
  return Math.min(touchedAt + idleMs, createdAt + absoluteMs, endsAt)
}

export function toEntry (session: Session, limits: SessionLimits): Entry {
  return { body: JSON.stringify(session), expiresAt: expiryOf(session, limits) }
}

/** @throws {RecordError} the body is no session */
export function parseSession (body: string): Session {
  try {
    const session: unknown = JSON.parse(body)
    if (isSession(session)) return session
  } catch {
    // Not JSON: the same failure as JSON of another shape.
  }
  throw new RecordError()
}

function isSession (value: unknown): value is Session {
  if (typeof value !== 'object' || value === null) return false
  const fields = value as Record<string, unknown>
  return ['userId', 'teamId', 'consentId', 'publicId'].every((name) => typeof fields[name] === 'string') &&
    ['createdAt', 'touchedAt', 'endsAt'].every((name) => Number.isFinite(fields[name])) &&
    (fields['label'] === null || typeof fields['label'] === 'string')
}
