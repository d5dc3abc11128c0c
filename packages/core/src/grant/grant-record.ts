import type { ReauthorizeReason } from '../errors.js'
import { namesOf, type Grant, type GrantRef } from './grant.js'
import type { TokenPair } from './token-pair.js'

/** Fields of a grant's record in every state. */
interface Common extends Grant {
  clientId: string
  /** Random per connect and per disconnect: nothing of an older epoch writes again. */
  epoch: string
  /** When the grant was last connected, or refreshed for a caller (epoch milliseconds). */
  usedAt: number
  /** The app users that are linked to this grant; none is no field. The last unlink ends the grant. */
  appUserIds?: readonly string[]
  /** Whether its person may come in is not decided yet. */
  isProvisional?: true
}

/** A grant in use. */
export interface ActiveGrant extends Common {
  status: 'active'
  /** Random id of this grant's life. Links and sessions hold it, and are void where it differs. */
  consentId: string
  pair: TokenPair
  refresh: RefreshState
}

/** The state of refreshing a record's pair. */
export interface RefreshState {
  /** Set while a process refreshes. Its age is the age of the record's version, by the store's clock. */
  lease: { id: string } | null
  /** No refresh before this instant (epoch milliseconds), after a failure that cost the grant nothing. */
  retryAt: number | null
  /** Such failures in a row, for the back-off. */
  failures: number
  /** An answer to the current refresh token was lost: a refusal now most likely means that it held the live pair. */
  answerLost: boolean
  /** Miro refused the current refresh token without saying what was wrong. */
  unclear: UnclearRefusals | null
  /** When a 401 of Miro's API last forced a refresh (epoch milliseconds). */
  forcedAt: number | null
  /** Whether the app was told that this grant must be connected again. */
  reported: boolean
}

/** Refusals in a row that Miro did not explain. */
export interface UnclearRefusals {
  count: number
  /** Between how many of these refusals the client secret worked for another request. */
  workedBetween: number
  /** The same refresh token is sent again, but not before this instant (epoch milliseconds). */
  retryAt: number
  /** The client secret under which the last refusal arose. Under another one the same token is sent at once. */
  secretId: string
  /** Whether the last refusal may have been the app's fault: other grants were refused too, with no success since. */
  appInDoubt: boolean
  /** Whether Miro's API had refused the access token before: that needs no client secret, so the grant is to blame. */
  forced: boolean
}

/** A tombstone: Miro refused the current refresh token. A late success for that refresh token overwrites it. */
export interface RejectedGrant extends Common {
  status: 'rejected'
  consentId: string
  refreshTokenHash: string | null
  reason: ReauthorizeReason
  /** Whether the app was told that this grant must be connected again. */
  reported: boolean
}

/** A tombstone that nothing overwrites but a connect. */
export interface DisconnectedGrant extends GrantRef {
  status: 'disconnected'
  clientId: string
  epoch: string
  /** The app users whose links are still to be removed. */
  appUserIds?: readonly string[]
  /** It goes as soon as no late write can find it missing. */
  isForgotten?: boolean
}

export type GrantRecord = ActiveGrant | RejectedGrant | DisconnectedGrant

/** Whether a grant's person was not let in yet. */
export function isProvisional (record: GrantRecord | null): boolean {
  return record !== null && record.status !== 'disconnected' && record.isProvisional !== undefined
}

/** The record once its person was let in. */
export function toConfirmed<R extends GrantRecord> (record: R): R {
  const { isProvisional: _, ...confirmed } = record as R & { isProvisional?: true }
  return confirmed as R
}

/** The part of a record that callers may see. */
export function toGrant (record: ActiveGrant | RejectedGrant): Grant {
  const { userId, teamId, scopes, connectedAt } = record
  return { userId, teamId, scopes: [...scopes], connectedAt, ...namesOf(record) }
}
