import type { TokenRequest } from '../miro/request-log.js'
import { answeredAt, stoodStillMs, type Facts } from './facts.js'

/** Why a loss could not be avoided. */
export interface Excuse {
  cause: string
  ageMs?: number
}

/**
 * Explains why two requests presented the same token: when the second arrived, its sender could not know the answer to
 * the first. Null if it could, because the first was still leased or its answer was already in the store.
 */
export function excuseFor (facts: Facts, { first, second }: { first: TokenRequest, second: TokenRequest }): Excuse | null {
  return lostAnswer(first, second.arrivedAt) ?? killed(facts, first, second.arrivedAt) ?? outlived(facts, first, second.arrivedAt)
}

/** The answer was lost on its way, before `by`. */
export function lostAnswer (request: TokenRequest, by: number): Excuse | null {
  const at = answeredAt(request)
  return request.answerLost !== null && at !== null && at <= by ? { cause: `the answer was lost (${request.answerLost} after Miro had acted)` } : null
}

/** The sender was killed, before `by`. */
export function killed ({ lifeOf }: Facts, { process, arrivedAt }: TokenRequest, by: number): Excuse | null {
  const killedAt = lifeOf(process)?.killedAt ?? null
  if (killedAt === null || killedAt > by) return null
  return { cause: 'the process was killed between its request and its commit', ageMs: Math.max(0, killedAt - arrivedAt) }
}

/** The sender was stopped for so long that its lease could expire before its request was over. */
export function outlived ({ lifeOf, limits }: Facts, { process, arrivedAt }: TokenRequest, by: number): Excuse | null {
  const life = lifeOf(process)
  if (life === undefined || by - arrivedAt < limits.leaseMs - limits.leaseToRequestMs) return null
  const stillMs = stoodStillMs(life, arrivedAt - limits.leaseToRequestMs, by)
  return stillMs > limits.slackMs ? { cause: 'the process was stopped until its lease had expired' } : null
}
