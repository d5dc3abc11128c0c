import type { Pair, TokenRequest } from '../miro/request-log.js'
import { killed, lostAnswer, outlived } from './excuse.js'
import { answeredAt, stoodStillMs, type Facts } from './facts.js'
import { avoidableLoss, unavoidableLoss, type Verdict } from './verdict.js'

/** Judges why a pair that is alive is not the one in the store. */
export function judgeUnstoredPair (facts: Facts, pair: Pair): Verdict {
  const { request, storedAt } = pair
  if (storedAt !== null) return avoidableLoss('the live pair was stored, and is not there any more')
  if (request === undefined) return avoidableLoss('nobody asked for the live pair')
  const excuse = lostAnswer(request, facts.now) ?? killed(facts, request, facts.now)
  if (excuse !== null) return unavoidableLoss(excuse)
  const life = facts.lifeOf(request.process)
  if (life === undefined || life.endedAt !== null) return avoidableLoss(`${request.process} received the live pair, and ended by itself`)
  if (!hadTime(facts, request)) return { fate: 'undecided', why: `${request.process} has not had time to store the live pair` }
  const pause = outlived(facts, request, facts.now)
  return pause === null ? avoidableLoss(`${request.process} received the live pair, and threw it away`) : unavoidableLoss(pause)
}

/** Whether a live process has had its answer long enough, running, and with a store that was there. */
function hadTime ({ lifeOf, now, storeUpSince, limits: { storingMs } }: Facts, request: TokenRequest): boolean {
  const life = lifeOf(request.process)
  const since = answeredAt(request)
  if (life === undefined || since === null) return false
  const from = Math.max(since, storeUpSince)
  return now - from - stoodStillMs(life, from, now) > storingMs
}
