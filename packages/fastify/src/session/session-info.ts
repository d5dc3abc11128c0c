import { expiryOf, type Session, type SessionLimits } from './session-record.js'

/** What an app may know of the session that sent a request. */
export interface SessionInfo {
  /** Names the session, stays the same for its whole life, and gives no access: a hash. */
  id: string
  /** When the person signed in, in epoch milliseconds. */
  signedInAt: number
  /** When it was last used, in epoch milliseconds: exact to a tenth of `session.idleMs`. */
  lastSeenAt: number
  /** When it ends if it is not used again, in epoch milliseconds. */
  expiresAt: number
  /** By the option `session.label`; `null`: none. */
  label: string | null
}

/** One of the browsers in which a person is signed in. */
export interface SignedInBrowser extends Omit<SessionInfo, 'expiresAt'> {
  /** Whether this is the session that sent the request. */
  isCurrent: boolean
}

export function toSessionInfo (session: Session, limits: SessionLimits): SessionInfo {
  const { publicId: id, createdAt: signedInAt, touchedAt: lastSeenAt, label } = session
  return { id, signedInAt, lastSeenAt, expiresAt: expiryOf(session, limits), label }
}

export function toSignedInBrowser (session: Session, current: Session): SignedInBrowser {
  const { publicId: id, createdAt: signedInAt, touchedAt: lastSeenAt, label } = session
  return { id, signedInAt, lastSeenAt, isCurrent: id === current.publicId, label }
}
