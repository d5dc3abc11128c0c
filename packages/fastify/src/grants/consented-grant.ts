import type { FoundGrant, GrantRef, GrantSnapshot, Link, MiroAuth } from '@miro-oauth/core'

/**
 * A grant that still has the consent of the session or link it was found by. Miro may have refused it since: see the
 * snapshot.
 */
export interface ConsentedGrant extends FoundGrant {
  consentId: string
  snapshot: GrantSnapshot
}

/**
 * Reads the grant of a session or link. `null`: the grant ended, or has another consent by now, so that the session or
 * link is void.
 */
export async function readConsented (auth: MiroAuth, link: Link): Promise<ConsentedGrant | null> {
  return toConsented(link, await auth.snapshot({ userId: link.userId, teamId: link.teamId }))
}

/**
 * Reads a grant under the consent that it has now, for a person whom an id token of Miro's names. `null`: there is
 * none, it was disconnected, or its person was not let in.
 */
export async function readCurrent (auth: MiroAuth, person: GrantRef): Promise<ConsentedGrant | null> {
  const ref = toRef(person)
  const snapshot = await auth.snapshot(ref)
  const { consentId, isProvisional } = snapshot
  return consentId === null || isProvisional ? null : { ref, consentId, snapshot }
}

/** The same for a grant whose snapshot is at hand. */
export function toConsented ({ userId, teamId, consentId }: Link, snapshot: GrantSnapshot): ConsentedGrant | null {
  return snapshot.consentId === consentId ? { ref: { userId, teamId }, consentId, snapshot } : null
}

/** The reference of a grant, without what else is known of it. */
export function toRef ({ userId, teamId }: GrantRef): GrantRef {
  return { userId, teamId }
}

/**
 * Whether two references name the same grant. Both may be anything at all, since an app may hand on what a request
 * brought.
 */
export function isSameGrant (a: GrantRef | null | undefined, b: GrantRef | null | undefined): boolean {
  return a != null && b != null && a.userId === b.userId && a.teamId === b.teamId
}
