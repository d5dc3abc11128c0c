import { isStillAhead } from '../clock.js'
import type { ReauthorizeReason } from '../errors.js'
import { appUsersField, appUsersOf } from './app-users.js'
import { namesOf } from './grant.js'
import {
  isProvisional, type ActiveGrant, type RefreshState, type RejectedGrant, type UnclearRefusals
} from './grant-record.js'
import { hashRefreshToken } from './token-pair.js'

/** No refresh is running, and none has failed since the pair was stored. */
export const idle: RefreshState = {
  lease: null, retryAt: null, failures: 0, answerLost: false, unclear: null, forcedAt: null, reported: false
}

const minuteMs = 60_000
const unclearDelaysMs = [minuteMs, 10 * minuteMs]
const longestUnclearMs = 60 * minuteMs

/** How long a grant rests after its nth unclear refusal in a row: 1 minute, 10 minutes, then an hour each. */
export function unclearDelayMs (count: number): number {
  return unclearDelaysMs[count - 1] ?? longestUnclearMs
}

/** Whether it is too early to send the refresh token again that was refused unclearly. */
export function isResting ({ retryAt }: UnclearRefusals, now: number): boolean {
  return isStillAhead(retryAt, { now, longestMs: longestUnclearMs })
}

/** Why a person must connect again: after a lost answer, the loss explains a refusal better than the refusal itself. */
export function reasonAfter (answerLost: boolean, reason: ReauthorizeReason): ReauthorizeReason {
  return answerLost ? 'response_lost' : reason
}

/** Ends a grant, and keeps the hash of its refresh token, by which a late success is recognised. */
export function toTombstone (current: ActiveGrant, reason: 'refused' | 'revoked'): RejectedGrant {
  return {
    ...profileOf(current),
    status: 'rejected',
    refreshTokenHash: hashRefreshToken(current.pair.refreshToken),
    reason: reason === 'refused' ? reasonAfter(current.refresh.answerLost, reason) : reason,
    reported: current.refresh.reported
  }
}

/** What a tombstone keeps of a grant. */
export function profileOf (record: ActiveGrant | RejectedGrant): Omit<RejectedGrant, 'status' | 'refreshTokenHash' | 'reason' | 'reported'> {
  const { clientId, userId, teamId, epoch, consentId, scopes, connectedAt, usedAt } = record
  const provisional = isProvisional(record) ? { isProvisional: true } as const : {}
  const rest = { ...namesOf(record), ...appUsersField(appUsersOf(record)), ...provisional }
  return { clientId, userId, teamId, epoch, consentId, scopes, connectedAt, usedAt, ...rest }
}
