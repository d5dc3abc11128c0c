import type { FoundGrant, GrantRef, GrantSnapshot, MiroAuth } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import type { SessionCookie } from '../session/session-cookie.js'
import type { Sessions } from '../session/sessions.js'

/** A signed-in person's grant, whose consent is the session's. Miro may have refused it since: see the snapshot. */
export interface SignedIn extends FoundGrant {
  consent: string
  snapshot: GrantSnapshot
}

/** Finds the grant of whoever sent a request. `null`: nobody is signed in. */
export type GrantFinder = (request: FastifyRequest) => Promise<SignedIn | null>

/**
 * Makes a {@link GrantFinder} that reads session and grant in one round trip, as the cookie hints. The hint is the
 * browser's word: the session record decides, and a wrong hint costs one more read.
 */
export function createGrantFinder ({ auth, sessions, sessionCookie }: {
  auth: MiroAuth
  sessions: Sessions
  sessionCookie: SessionCookie
}): GrantFinder {
  return async function findGrant (request) {
    const ticket = sessionCookie.read(request)
    if (ticket === null) return null
    const { hint } = ticket
    const hinted = hint === null ? null : auth.look(hint).catch(() => null)
    const session = await sessions.find(ticket.id)
    if (session === null) return null
    const ref: GrantRef = { userId: session.userId, teamId: session.teamId }
    const isHinted = hint?.userId === ref.userId && hint.teamId === ref.teamId
    const snapshot = (isHinted ? await hinted : null) ?? await auth.look(ref)
    return snapshot.consent === session.consent ? { ref, consent: session.consent, snapshot } : null
  }
}
