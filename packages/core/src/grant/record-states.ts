import type { ReauthorizeReason } from '../errors.js'
import { namesOf } from './grant.js'
import type { ActiveGrant, RejectedGrant } from './grant-record.js'
import { hashRefreshToken } from './token-pair.js'

/** No doubt of ours is longer; a longer one was written by a clock that runs ahead. */
const longestUnclearMs = 60 * 60_000

/** Whether Miro refused something unclear, and it is too early to ask again. */
export function isUnclear ({ unclear }: ActiveGrant, now: number): boolean {
  return unclear !== null && now < unclear.nextAt && unclear.nextAt - now <= longestUnclearMs
}

/** After a lost answer, a refusal has a better explanation than the refusal itself. */
export function reasonOf (answerLost: boolean, reason: ReauthorizeReason): ReauthorizeReason {
  return answerLost ? 'response_lost' : reason
}

/** Ends a grant, and keeps the hash of its refresh token, by which a late success is recognised. */
export function toTombstone (current: ActiveGrant, reason: 'refused' | 'revoked'): RejectedGrant {
  return {
    ...profileOf(current),
    status: 'rejected',
    refreshTokenHash: hashRefreshToken(current.pair.refreshToken),
    reason: reason === 'refused' ? reasonOf(current.answerLost, reason) : reason
  }
}

/** The fields that a refresh in trouble leaves behind, all clear. */
export const idle = { lease: null, notBefore: null, failures: 0, answerLost: false, unclear: null } as const

/** What a tombstone keeps of a grant. */
export function profileOf (record: ActiveGrant | RejectedGrant): Omit<RejectedGrant, 'status' | 'refreshTokenHash' | 'reason'> {
  const { clientId, userId, teamId, epoch, consentId, scopes, connectedAt, usedAt } = record
  return { clientId, userId, teamId, epoch, consentId, scopes, connectedAt, usedAt, ...namesOf(record) }
}
