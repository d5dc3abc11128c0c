import type { GrantRef, MiroAuth } from '@miro-oauth/core'
import { requireId, requireRef } from '@miro-oauth/core/internal'
import type { FastifyRequest } from 'fastify'
import { SessionUnknownError } from '../errors.js'
import { readConsented } from '../grants/consented-grant.js'
import type { SessionCookie } from '../session/session-cookie.js'
import type { SessionPlace } from '../session/session-index.js'
import { toSessionInfo, toSignedInBrowser, type SessionInfo, type SignedInBrowser } from '../session/session-info.js'
import type { Session, SessionLimits } from '../session/session-record.js'
import type { Sessions } from '../session/sessions.js'

/** What {@link OwnSessions} works with. */
interface OwnSessionsParts {
  auth: MiroAuth
  sessions: Sessions
  sessionCookie: SessionCookie
  limits: SessionLimits
}

/** What people and administrators do with the plugin's own sessions. None of it touches a grant at Miro. */
export class OwnSessions {
  readonly #parts: OwnSessionsParts

  constructor (parts: OwnSessionsParts) {
    this.#parts = parts
  }

  describe (session: Session): SessionInfo {
    return toSessionInfo(session, this.#parts.limits)
  }

  /**
   * The browsers in which the person of a session is signed in, newest sign-in first. A session that lost its grant is
   * none, even if its record is still there.
   *
   * @throws {StoreError | RecordError}
   */
  async list (current: Session): Promise<SignedInBrowser[]> {
    const { auth, sessions } = this.#parts
    const found = await Promise.all((await sessions.list(current.userId)).map(async (session) => {
      return await readConsented(auth, session) === null ? [] : [toSignedInBrowser(session, current)]
    }))
    return found.flat()
  }

  /**
   * Ends a session of the same person, this one included.
   *
   * @throws {SessionUnknownError} there is none with this id, or it is another person's
   * @throws {StoreError | RecordError}
   */
  async end (request: FastifyRequest, current: Session, id: string): Promise<void> {
    const count = await this.#endAll(request, current.userId, ({ publicId }) => publicId === id)
    if (count === 0) throw new SessionUnknownError()
    if (id === current.publicId) this.#parts.sessionCookie.queue(request, null)
  }

  /** Ends every other session of the same person. Returns how many. @throws {StoreError | RecordError} */
  async endOthers (request: FastifyRequest, current: Session): Promise<number> {
    return this.#endAll(request, current.userId, ({ publicId }) => publicId !== current.publicId)
  }

  /**
   * Ends the sessions that act for a grant, or all those of a person. Returns how many.
   *
   * @throws {ConfigError} it names neither a grant nor a person
   * @throws {StoreError | RecordError}
   */
  async endOf (target: GrantRef | string): Promise<number> {
    if (typeof target === 'string') return this.#endAll(null, requireId('appUserId', target), () => true)
    const { userId, teamId } = requireRef(target)
    return this.#endAll(null, userId, (place) => place.teamId === teamId)
  }

  #endAll (cause: FastifyRequest | null, userId: string, isMeant: (place: SessionPlace) => boolean): Promise<number> {
    return this.#parts.sessions.endAll(cause, userId, { isMeant, why: 'ended' })
  }
}
