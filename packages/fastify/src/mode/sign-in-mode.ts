import { ConfigError, NotConnectedError, type Connection, type GrantRef, type MiroAuth } from '@miro-oauth/core'
import type { Flows } from '../flow/flows.js'
import { isSameGrant, lookUnder, toConsented } from '../request/consented-grant.js'
import type { SessionCookie } from '../session/session-cookie.js'
import type { Sessions } from '../session/sessions.js'
import type { Mode } from './mode.js'

/** "Sign in with Miro": the Miro user is the app's user, and the plugin keeps the browser's session. */
export function createSignInMode ({ auth, flows, sessions, sessionCookie }: {
  auth: MiroAuth
  flows: Flows
  sessions: Sessions
  sessionCookie: SessionCookie
}): Mode {
  async function begin ({ grant, consentId }: Connection): Promise<{ id: string, hint: GrantRef }> {
    await auth.link(grant.userId, { grant, consentId })
    return { id: await sessions.begin({ userId: grant.userId, teamId: grant.teamId, consentId }), hint: grant }
  }

  return {
    /**
     * Session and grant in one round trip, as the cookie hints. The hint is the browser's word: the session record
     * decides, and a wrong hint costs one more read.
     */
    async identify (request) {
      const ticket = sessionCookie.read(request)
      if (ticket === null) return null
      const { id, hint } = ticket
      const hinted = hint === null ? null : auth.snapshot(hint).catch(() => null)
      const session = await sessions.find(id)
      if (session === null) return null
      const snapshot = isSameGrant(hint, session) ? await hinted : null
      const grant = snapshot === null ? await lookUnder(auth, session) : toConsented(session, snapshot)
      return grant === null ? null : { appUserId: grant.ref.userId, session: grant }
    },

    nobody: () => new NotConnectedError(),

    flowOwner: async () => null,

    /** Begins a new session and ends the one the browser came with. */
    async arrive ({ request, reply, connection }) {
      const old = sessionCookie.read(request)
      const ticket = await begin(connection)
      if (old !== null) await sessions.end(old.id)
      sessionCookie.set(reply, ticket)
      return { outcome: 'signed-in', sessionKey: sessions.keyOf(ticket.id) }
    },

    async admit (connection, appUserId) {
      if (appUserId !== null) throw new ConfigError('Without the option appUserId, the Miro user is the app\'s user.')
      return sessionCookie.format(await begin(connection))
    },

    isFollower (request, end) {
      const ticket = sessionCookie.read(request)
      return end.outcome === 'signed-in' && ticket !== null && sessions.keyOf(ticket.id) === end.sessionKey
    },

    async leave (request, reply) {
      const ticket = sessionCookie.read(request)
      if (ticket !== null) await sessions.end(ticket.id)
      sessionCookie.clear(reply)
      flows.clearAll(request, reply)
    },

    async select (request, { ref, consentId }) {
      const ticket = sessionCookie.read(request)
      if (ticket === null || !await sessions.move(ticket.id, { ...ref, consentId })) throw new NotConnectedError()
      sessionCookie.setLater(request, { id: ticket.id, hint: ref })
    }
  }
}
