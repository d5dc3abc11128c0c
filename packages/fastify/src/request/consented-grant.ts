import type { FoundGrant, GrantRef, GrantSnapshot, MiroAuth } from '@miro-oauth/core'

/** A grant whose consent is that of the session or link it was found by. Miro may have refused it since: see the snapshot. */
export interface ConsentedGrant extends FoundGrant {
  consentId: string
  snapshot: GrantSnapshot
}

/** Whether two names are of the same grant. What an app hands on from a request may be anything at all. */
export function isSameGrant (a: GrantRef | null | undefined, b: GrantRef | null | undefined): boolean {
  return a != null && b != null && a.userId === b.userId && a.teamId === b.teamId
}

/** Looks at the grant that a session or link is for. `null`: it is void, for the grant ended or is another person's by now. */
export async function lookUnder (auth: MiroAuth, { userId, teamId, consentId }: GrantRef & { consentId: string }): Promise<ConsentedGrant | null> {
  return toConsented({ userId, teamId, consentId }, await auth.snapshot({ userId, teamId }))
}

/** The same for a grant that was looked at already. */
export function toConsented ({ userId, teamId, consentId }: GrantRef & { consentId: string }, snapshot: GrantSnapshot): ConsentedGrant | null {
  return snapshot.consentId === consentId ? { ref: { userId, teamId }, consentId, snapshot } : null
}
