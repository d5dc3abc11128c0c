import { ConfigError, NotConnectedError, type Connection, type MiroAuth } from '@miro-oauth/core'
import type { FlowCookies } from '../flow/flow-cookies.js'
import { isSameGrant, readConsented, toConsented } from '../grants/consented-grant.js'
import type { SessionCookie, SessionCookieValue } from '../session/session-cookie.js'
import type { Sessions } from '../session/sessions.js'
import type { Mode } from './mode.js'

/** "Sign in with Miro": the Miro user is the app's user, and the plugin keeps the browser's session. */
export function createSignInMode ({ auth, flows, sessions, sessionCookie }: {
  auth: MiroAuth
  flows: FlowCookies
  sessions: Sessions
  sessionCookie: SessionCookie
}): Mode {
  async function begin ({ grant, consentId }: Connection): Promise<SessionCookieValue> {
    await auth.link(grant.userId, { grant, consentId })
    return { sessionId: await sessions.begin({ userId: grant.userId, teamId: grant.teamId, consentId }), grantHint: grant }
  }

  return {
    /**
     * Session and grant in one round trip, as the cookie hints. The hint is the browser's word: the session record
     * decides, and a wrong hint costs one more read.
     */
    async currentUser (request) {
      const cookie = sessionCookie.read(request)
      if (cookie === null) return null
      const { sessionId, grantHint } = cookie
      const hinted = grantHint === null ? null : auth.snapshot(grantHint).catch(() => null)
      const session = await sessions.find(sessionId)
      if (session === null) return null
      const snapshot = isSameGrant(grantHint, session) ? await hinted : null
      const grant = snapshot === null ? await readConsented(auth, session) : toConsented(session, snapshot)
      return grant === null ? null : { appUserId: grant.ref.userId, session: grant }
    },

    notSignedIn: () => new NotConnectedError(),

    flowUser: async () => null,

    /** Begins a new session and ends the one the browser came with. */
    async completeSignIn ({ request, reply, connection }) {
      const old = sessionCookie.read(request)
      const cookie = await begin(connection)
      if (old !== null) await sessions.end(old.sessionId)
      sessionCookie.set(reply, cookie)
      return { kind: 'signed-in', sessionKey: sessions.keyOf(cookie.sessionId) }
    },

    async signInForTest (connection, appUserId) {
      if (appUserId !== null) throw new ConfigError('Without the option appUserId, the Miro user is the app\'s user.')
      return sessionCookie.format(await begin(connection))
    },

    isSameBrowser (request, outcome) {
      const cookie = sessionCookie.read(request)
      return outcome.kind === 'signed-in' && cookie !== null && sessions.keyOf(cookie.sessionId) === outcome.sessionKey
    },

    async endSession (request, reply) {
      const cookie = sessionCookie.read(request)
      if (cookie !== null) await sessions.end(cookie.sessionId)
      sessionCookie.clear(reply)
      flows.clearAll(request, reply)
    },

    async select (request, { ref, consentId }) {
      const cookie = sessionCookie.read(request)
      if (cookie === null || !await sessions.changeGrant(cookie.sessionId, { ...ref, consentId })) throw new NotConnectedError()
      sessionCookie.queue(request, { sessionId: cookie.sessionId, grantHint: ref })
    }
  }
}
