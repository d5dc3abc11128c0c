import type { Pair } from '../miro/request-log.js'
import { excuseFor } from './excuse.js'
import type { Facts } from './facts.js'
import { judgeUnstoredPair } from './judge-unstored-pair.js'
import { avoidableLoss, unavoidableLoss, type Verdict } from './verdict.js'

/**
 * Judges what stands in the store for one person against Miro's ledger. Pure.
 *
 * All pairs of one sign-in are a family, and only the newest of them can be alive. The loss of that one was unavoidable
 * if its answer never reached anybody, or only a process that was killed before it had stored it; or if a spent token was
 * presented again, Miro ends the family for that, and the sender could not know. Any other loss was avoidable.
 */
export function judgeGrant (facts: Facts): Verdict {
  const { expects, stored } = facts
  if (expects.state === 'disconnected') return judgeAway(facts)
  if (stored.state === 'disconnected') return avoidableLoss('the record is disconnected, and nobody did that')
  if (stored.state === 'absent') return judgeAbsent(facts, expects.family)
  if (stored.pair === undefined) return avoidableLoss('the store holds a token that the ledger does not know')
  const { record } = stored.pair
  if (record.userId !== facts.userId) return { fate: 'foreign token', cause: `the pair is that of ${record.userId}` }
  if (record.family !== expects.family) return { fate: 'wrong epoch', cause: `the pair comes from sign-in ${record.family}, and the last was ${expects.family}` }
  if (stored.state === 'active' && record.death === null) return { fate: 'alive' }
  return judgeLoss(facts, expects.family, stored.pair)
}

function judgeAway ({ stored }: Facts): Verdict {
  return stored.state === 'active' ? { fate: 'resurrected', cause: 'the record is active after a disconnect' } : { fate: 'away' }
}

/** A sign-in that was confirmed before it was stored leaves nothing behind where its process was killed. */
function judgeAbsent (facts: Facts, family: number): Verdict {
  const first = facts.pairs.find(({ record }) => record.id === family)
  return first === undefined || first.record.death !== null ? avoidableLoss('there is no record') : judgeUnstoredPair(facts, first)
}

function judgeLoss (facts: Facts, family: number, stored: Pair): Verdict {
  const newest = facts.pairs.findLast(({ record }) => record.family === family)
  if (newest === undefined) return avoidableLoss('there is no pair')
  const { death } = newest.record
  if (death === null) return newest === stored ? avoidableLoss('a grant was ended whose pair is alive') : judgeUnstoredPair(facts, newest)
  if (death.cause === 'reused') return judgeReuse(facts, newest)
  return avoidableLoss(`the newest pair was ${death.cause}`)
}

function judgeReuse (facts: Facts, newest: Pair): Verdict {
  const request = facts.requestOf(newest.record.death?.by ?? null)
  const spent = facts.pairOf(request?.presented ?? null)
  const rotation = facts.requestOf(spent?.record.death?.by ?? null)
  if (request === undefined || rotation === undefined) return avoidableLoss('a spent token was presented again, and nobody did')
  // Whichever of two Miro took first: the one that came later is the one to be explained.
  const [first, second] = rotation.arrivedAt <= request.arrivedAt ? [rotation, request] : [request, rotation]
  const excuse = excuseFor(facts, { first, second })
  if (excuse === null) return avoidableLoss(`${second.process} presented a token again that ${first.process} had presented`)
  return unavoidableLoss(excuse)
}
