import { stoppedMs } from '../fleet/process-lifetime.js'
import type { Pair, TokenRequest } from '../miro/request-log.js'
import { killedBeforeCommit, lostAnswer, outlivedLease } from './excuse.js'
import { answeredAt, type Facts } from './facts.js'
import { avoidableLoss, unavoidableLoss, type Verdict } from './verdict.js'

/** Judges why the live pair is not the one in the store. */
export function judgeUnstoredPair (facts: Facts, { request, storedAt }: Pair): Verdict {
  if (storedAt !== null) return avoidableLoss('the live pair was stored, and is not there any more')
  if (request === undefined) return avoidableLoss('the live pair was given to an unknown request')
  const excuse = lostAnswer(request, facts.now) ?? killedBeforeCommit(facts, request, facts.now)
  if (excuse !== null) return unavoidableLoss(excuse)
  const lifetime = facts.lifetimeOf(request.process)
  if (lifetime === undefined || lifetime.endedAt !== null) {
    return avoidableLoss(`${request.process} received the live pair, and ended by itself`)
  }
  if (!hadTimeToStore(facts, request)) {
    return { fate: 'undecided', why: `${request.process} has not had time to store the live pair` }
  }
  const pause = outlivedLease(facts, request, facts.now)
  if (pause !== null) return unavoidableLoss(pause)
  return avoidableLoss(`${request.process} received the live pair, and threw it away`)
}

/** Whether the process was running, and the store was up, for long enough after the answer. */
function hadTimeToStore (facts: Facts, request: TokenRequest): boolean {
  const { lifetimeOf, now, storeUpSince, limits: { storingMs } } = facts
  const lifetime = lifetimeOf(request.process)
  const since = answeredAt(request)
  if (lifetime === undefined || since === null) return false
  const from = Math.max(since, storeUpSince)
  return now - from - stoppedMs(lifetime, from, now) > storingMs
}
