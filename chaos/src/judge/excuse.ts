import { stoppedMs } from '../fleet/process-lifetime.js'
import type { TokenRequest } from '../miro/request-log.js'
import { answeredAt, type Facts } from './facts.js'

/** Why a loss could not be avoided. */
export interface Excuse {
  cause: string
  /** How old the request was when its process was killed, where that is the cause, in milliseconds. */
  ageMs?: number
}

interface TwoRequests {
  first: TokenRequest
  second: TokenRequest
}

/**
 * Explains why two requests presented the same token: when the second arrived, its sender could not know the answer to
 * the first. Null if it could, because the first was still leased or its answer was already in the store.
 */
export function excuseForReuse (facts: Facts, { first, second }: TwoRequests): Excuse | null {
  const by = second.arrivedAt
  return lostAnswer(first, by) ?? killedBeforeCommit(facts, first, by) ?? outlivedLease(facts, first, by)
}

/** A fault lost the answer on its way, no later than `by`. */
export function lostAnswer (request: TokenRequest, by: number): Excuse | null {
  const at = answeredAt(request)
  if (request.answerLost === null || at === null || at > by) return null
  return { cause: `the answer was lost (${request.answerLost} after Miro had acted)` }
}

/** The sender was killed, no later than `by`. */
export function killedBeforeCommit (facts: Facts, { process, arrivedAt }: TokenRequest, by: number): Excuse | null {
  const killedAt = facts.lifetimeOf(process)?.killedAt ?? null
  if (killedAt === null || killedAt > by) return null
  const ageMs = Math.max(0, killedAt - arrivedAt)
  return { cause: 'the process was killed between its request and its commit', ageMs }
}

/** The sender was stopped for so long that its lease could expire while its request was under way. */
export function outlivedLease (facts: Facts, { process, arrivedAt }: TokenRequest, by: number): Excuse | null {
  const { leaseMs, leaseToRequestMs, longestHarmlessStopMs } = facts.limits
  const lifetime = facts.lifetimeOf(process)
  if (lifetime === undefined || by - arrivedAt < leaseMs - leaseToRequestMs) return null
  if (stoppedMs(lifetime, arrivedAt - leaseToRequestMs, by) <= longestHarmlessStopMs) return null
  return { cause: 'the process was stopped until its lease had expired' }
}
