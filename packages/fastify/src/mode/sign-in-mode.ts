import {
  ConfigError, NotConnectedError, type Connection, type Disconnection, type GrantRef, type MiroAuth
} from '@miro-oauth/core'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FlowCookies } from '../flow/flow-cookies.js'
import type { FlowOutcome } from '../flow/spent-flows.js'
import { isSameGrant, readConsented, toConsented, type ConsentedGrant } from '../grants/consented-grant.js'
import { linkNew } from '../grants/linked-grants.js'
import type { SessionLabel } from '../options.js'
import type { SessionCookie, SessionCookieValue } from '../session/session-cookie.js'
import { labelOf } from '../session/session-label.js'
import type { SessionPlace } from '../session/session-index.js'
import { recordIdOf } from '../session/session-record.js'
import type { Sessions } from '../session/sessions.js'
import type { AppUser, CompletedFlow, Mode, SentBy } from './mode.js'
import type { OwnSessions } from './own-sessions.js'

/** What {@link SignInMode} works with. */
interface SignInModeParts {
  auth: MiroAuth
  flowCookies: FlowCookies
  sessions: Sessions
  sessionCookie: SessionCookie
  ownSessions: OwnSessions
  label: SessionLabel | undefined
}

/** "Sign in with Miro": the Miro user is the app's user, and the plugin keeps the browser's session. */
export class SignInMode implements Mode {
  readonly routes = ['login', 'callback', 'logout', 'disconnect'] as const
  readonly action = 'sign in with Miro'
  readonly loginFailureTitle = 'Signing in with Miro did not work'
  readonly #parts: SignInModeParts

  constructor (parts: SignInModeParts) {
    this.#parts = parts
  }

  /** Changes the session cookie where that was queued. */
  addHooks (app: FastifyInstance): void {
    app.addHook('onSend', (request, reply, _payload, done) => {
      this.#parts.sessionCookie.sendQueued(request, reply)
      done()
    })
  }

  /**
   * Reads the session and the grant that the cookie hints at in one round trip. The browser may lie in the hint, so the
   * session record decides, and a wrong hint costs one more read.
   */
  async currentUser (request: FastifyRequest): Promise<AppUser | null> {
    const { auth, sessions, sessionCookie } = this.#parts
    const cookie = sessionCookie.read(request)
    if (cookie === null) return null
    const { sessionId, grantHint } = cookie
    const hinted = grantHint === null ? null : auth.snapshot(grantHint).catch(() => null)
    const session = await sessions.find(request, sessionId)
    if (session === null) return this.#clearDead(request)
    const snapshot = isSameGrant(grantHint, session) ? await hinted : null
    const grant = snapshot === null ? await readConsented(auth, session) : toConsented(session, snapshot)
    if (grant !== null) return { appUserId: grant.ref.userId, session: grant, sessionRecord: session }
    // A consent never comes back.
    await sessions.end(request, sessionId, 'disconnected').catch(() => {})
    return this.#clearDead(request)
  }

  senderOf (request: FastifyRequest): string | null {
    const cookie = this.#parts.sessionCookie.read(request)
    return cookie === null ? null : recordIdOf(cookie.sessionId)
  }

  notSignedIn (): NotConnectedError {
    return new NotConnectedError()
  }

  async flowUser (): Promise<null> {
    return null
  }

  /** Begins a new session, and ends the one that the browser came with. */
  async completeSignIn ({ request, reply, connection }: CompletedFlow): Promise<FlowOutcome> {
    const { sessions, sessionCookie, label } = this.#parts
    const old = sessionCookie.read(request)
    const cookie = await this.#begin(request, connection, {
      label: await labelOf(request, label), replaces: old?.sessionId ?? null
    })
    // Last, so that a sign-in that fails leaves the person signed in as before.
    if (old !== null) await sessions.end(request, old.sessionId, 'replaced')
    sessionCookie.set(request, reply, cookie)
    return { kind: 'signed-in', sessionKey: recordIdOf(cookie.sessionId) }
  }

  async signInForTest (connection: Connection, appUserId: string | null): Promise<Record<string, string>> {
    if (appUserId !== null) throw new ConfigError('Without the option appUserId, the Miro user is the app\'s user.')
    return this.#parts.sessionCookie.format(await this.#begin(null, connection, { label: null, replaces: null }))
  }

  isSameBrowser (request: FastifyRequest, outcome: FlowOutcome): boolean {
    const cookie = this.#parts.sessionCookie.read(request)
    return outcome.kind === 'signed-in' && cookie !== null && recordIdOf(cookie.sessionId) === outcome.sessionKey
  }

  async endSession (request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const cookie = this.#parts.sessionCookie.read(request)
    if (cookie !== null) await this.#parts.sessions.end(request, cookie.sessionId, 'logout')
    this.#clearCookies(request, reply)
  }

  /** They are void already, by their consent id. */
  async endSessionsOf ({ userId, teamId }: GrantRef, { request, reply, appUser }: SentBy): Promise<void> {
    if (isSameGrant(appUser.session?.ref, { userId, teamId })) this.#clearCookies(request, reply)
    const isMeant = (place: SessionPlace): boolean => place.teamId === teamId
    await this.#parts.sessions.endAll(request, userId, { isMeant, why: 'disconnected' }).catch((error: unknown) => {
      request.log.warn({ err: error }, 'the sessions of a grant that ended were not removed')
    })
  }

  async endGrant (_appUserId: string, { ref, consentId }: ConsentedGrant): Promise<Disconnection> {
    return this.#parts.auth.disconnect(ref, { consentId })
  }

  async endRefused (_appUserId: string | null, { ref, consentId }: Pick<ConsentedGrant, 'ref' | 'consentId'>): Promise<Disconnection> {
    return this.#parts.auth.disconnect(ref, { consentId })
  }

  async forgetSessions (target: GrantRef | string): Promise<void> {
    await this.#parts.ownSessions.endOf(target)
  }

  async select (request: FastifyRequest, { ref, consentId }: ConsentedGrant): Promise<void> {
    const { sessions, sessionCookie } = this.#parts
    const cookie = sessionCookie.latest(request)
    const sessionId = cookie === null ? null : await sessions.move(cookie.sessionId, { ...ref, consentId })
    if (sessionId === null) throw new NotConnectedError()
    sessionCookie.queue(request, { sessionId, grantHint: ref })
  }

  ownSessions (): OwnSessions {
    return this.#parts.ownSessions
  }

  /** No session: the cookie goes. */
  #clearDead (request: FastifyRequest): null {
    this.#parts.sessionCookie.clearDead(request)
    return null
  }

  async #begin (
    request: FastifyRequest | null,
    connection: Connection,
    options: { label: string | null, replaces: string | null }
  ): Promise<SessionCookieValue> {
    const { auth, sessions } = this.#parts
    const { grant: { userId, teamId }, consentId } = connection
    const beside = (): Promise<void> => linkNew(auth, userId, connection)
    const sessionId = await sessions.begin(request, { userId, teamId, consentId }, { ...options, beside })
    return { sessionId, grantHint: { userId, teamId } }
  }

  #clearCookies (request: FastifyRequest, reply: FastifyReply): void {
    const { flowCookies, sessionCookie } = this.#parts
    // Pages that the browser kept show what the person saw. Not "cookies": those of the host are among them.
    reply.header('clear-site-data', '"cache"')
    sessionCookie.set(request, reply, null)
    flowCookies.clearAll(request, reply)
  }
}
