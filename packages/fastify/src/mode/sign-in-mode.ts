import { ConfigError, NotConnectedError, type Connection, type MiroAuth } from '@miro-oauth/core'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FlowCookies } from '../flow/flow-cookies.js'
import type { FlowOutcome } from '../flow/spent-flows.js'
import { isSameGrant, readConsented, toConsented, type ConsentedGrant } from '../grants/consented-grant.js'
import type { SessionCookie, SessionCookieValue } from '../session/session-cookie.js'
import type { Sessions } from '../session/sessions.js'
import type { AppUser, CompletedFlow, Mode } from './mode.js'

/** What {@link SignInMode} works with. */
interface SignInModeParts {
  auth: MiroAuth
  flowCookies: FlowCookies
  sessions: Sessions
  sessionCookie: SessionCookie
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

  /** Sends the session cookie that {@link select} has queued. */
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
    const session = await sessions.find(sessionId)
    if (session === null) return null
    const snapshot = isSameGrant(grantHint, session) ? await hinted : null
    const grant = snapshot === null ? await readConsented(auth, session) : toConsented(session, snapshot)
    return grant === null ? null : { appUserId: grant.ref.userId, session: grant }
  }

  notSignedIn (): NotConnectedError {
    return new NotConnectedError()
  }

  async flowUser (): Promise<null> {
    return null
  }

  /** Begins a new session, and ends the one that the browser came with. */
  async completeSignIn ({ request, reply, connection }: CompletedFlow): Promise<FlowOutcome> {
    const { sessions, sessionCookie } = this.#parts
    const old = sessionCookie.read(request)
    const cookie = await this.#begin(connection)
    if (old !== null) await sessions.end(old.sessionId)
    sessionCookie.set(reply, cookie)
    return { kind: 'signed-in', sessionKey: sessions.keyOf(cookie.sessionId) }
  }

  async signInForTest (connection: Connection, appUserId: string | null): Promise<Record<string, string>> {
    if (appUserId !== null) throw new ConfigError('Without the option appUserId, the Miro user is the app\'s user.')
    return this.#parts.sessionCookie.format(await this.#begin(connection))
  }

  isSameBrowser (request: FastifyRequest, outcome: FlowOutcome): boolean {
    const { sessions, sessionCookie } = this.#parts
    const cookie = sessionCookie.read(request)
    return outcome.kind === 'signed-in' && cookie !== null && sessions.keyOf(cookie.sessionId) === outcome.sessionKey
  }

  async endSession (request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { flowCookies, sessions, sessionCookie } = this.#parts
    const cookie = sessionCookie.read(request)
    if (cookie !== null) await sessions.end(cookie.sessionId)
    sessionCookie.clear(reply)
    flowCookies.clearAll(request, reply)
  }

  async select (request: FastifyRequest, { ref, consentId }: ConsentedGrant): Promise<void> {
    const { sessions, sessionCookie } = this.#parts
    const { sessionId = null } = sessionCookie.read(request) ?? {}
    const isChanged = sessionId !== null && await sessions.changeGrant(sessionId, { ...ref, consentId })
    if (!isChanged) throw new NotConnectedError()
    sessionCookie.queue(request, { sessionId, grantHint: ref })
  }

  async #begin ({ grant, consentId }: Connection): Promise<SessionCookieValue> {
    const { auth, sessions } = this.#parts
    const { userId, teamId } = grant
    await auth.link(userId, { grant, consentId })
    return { sessionId: await sessions.begin({ userId, teamId, consentId }), grantHint: { userId, teamId } }
  }
}
