import type { ProcessLifetime } from '../fleet/process-lifetime.js'
import type { Pair, TokenRequest } from '../miro/request-log.js'
import type { JudgeLimits } from './judge-limits.js'

/** What the store holds, with the pair that its token belongs to; `undefined` for a token that Miro never gave. */
export type ResolvedGrant =
  | { state: 'active', pair: Pair | undefined }
  | { state: 'rejected', pair: Pair | undefined }
  | { state: 'disconnected' }
  | { state: 'absent' }

/** Everything that the verdict on one person depends on. */
export interface Facts {
  userId: string
  /** By the last confirmed action of the person: a sign-in, which began this family of pairs, or a disconnect. */
  expected: { state: 'connected', family: number } | { state: 'disconnected' }
  stored: ResolvedGrant
  /** All pairs that the person was ever given, the oldest first. */
  pairs: readonly Pair[]
  requestOf: (ledgerRequest: number | null) => TokenRequest | undefined
  pairOf: (id: number | null) => Pair | undefined
  lifetimeOf: (process: string) => ProcessLifetime | undefined
  /** Epoch milliseconds of the machine. */
  now: number
  /** When the store was last started again; Infinity while it is down. */
  storeUpSince: number
  limits: JudgeLimits
}

/** When Miro sent the answer to a request, or would have if a fault had not lost it; null before Miro has acted. */
export function answeredAt ({ decidedAt, answerDelayMs }: TokenRequest): number | null {
  return decidedAt === null ? null : decidedAt + answerDelayMs
}
