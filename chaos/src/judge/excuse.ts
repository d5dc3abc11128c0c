import type { TokenRequest } from '../miro/request-log.js'
import { answeredAt, stoodStillMs, type Facts } from './facts.js'

/** Why a loss could not be avoided. */
export interface Excuse {
  cause: string
  ageMs?: number
}

/**
 * Why, when the second of two requests with one token went out, its sender could not know what had become of the first.
 * `null`: there is no excuse, for the claim should have held it back, or the first answer was there for everybody to see.
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

/** The sender stood still for so long that the claim could end before its request. */
export function outlived ({ lifeOf, limits }: Facts, { process, arrivedAt }: TokenRequest, by: number): Excuse | null {
  const life = lifeOf(process)
  if (life === undefined || by - arrivedAt < limits.leaseMs - limits.claimToRequestMs) return null
  const stillMs = stoodStillMs(life, arrivedAt - limits.claimToRequestMs, by)
  return stillMs > limits.slackMs ? { cause: 'the process stood still until its claim was over' } : null
}
