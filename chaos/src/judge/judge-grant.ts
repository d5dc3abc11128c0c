import type { Pair } from '../miro/request-log.js'
import { excuseForReuse } from './excuse.js'
import type { Facts } from './facts.js'
import { judgeUnstoredPair } from './judge-unstored-pair.js'
import { avoidableLoss, unavoidableLoss, type Verdict } from './verdict.js'

/**
 * Compares what the store holds for one person with Miro's ledger. Pure.
 *
 * All pairs of one sign-in form a family, and only its newest pair can be alive. Losing that one was unavoidable in two
 * cases. Either its answer reached no process, or only one that was killed before it could store the pair. Or a spent
 * token was presented again, reuse detection revoked the family, and the sender could not know that it was spent.
 */
export function judgeGrant (facts: Facts): Verdict {
  const { expected, stored } = facts
  if (expected.state === 'disconnected') return judgeDisconnected(facts)
  if (stored.state === 'disconnected') return avoidableLoss('the record is disconnected without a disconnect')
  if (stored.state === 'absent') return judgeAbsent(facts, expected.family)
  if (stored.pair === undefined) return avoidableLoss('the store holds a token that the ledger does not know')
  const { userId, family, death } = stored.pair.record
  if (userId !== facts.userId) return { fate: 'foreign token', cause: `the pair is that of ${userId}` }
  if (family !== expected.family) {
    return { fate: 'wrong epoch', cause: `the pair comes from sign-in ${family}, and the last was ${expected.family}` }
  }
  if (stored.state === 'active' && death === null) return { fate: 'alive' }
  return judgeDeadPair(facts, expected.family, stored.pair)
}

function judgeDisconnected ({ stored }: Facts): Verdict {
  if (stored.state !== 'active') return { fate: 'disconnected' }
  return { fate: 'resurrected', cause: 'the record is active after a disconnect' }
}

/** A process that is killed between the sign-in's code exchange and its commit leaves no record behind. */
function judgeAbsent (facts: Facts, family: number): Verdict {
  const first = facts.pairs.find(({ record }) => record.id === family)
  if (first === undefined || first.record.death !== null) return avoidableLoss('there is no record')
  return judgeUnstoredPair(facts, first)
}

/** The stored pair is dead, or a tombstone stands in its place. */
function judgeDeadPair (facts: Facts, family: number, stored: Pair): Verdict {
  const newest = facts.pairs.findLast(({ record }) => record.family === family)
  if (newest === undefined) return avoidableLoss('there is no pair')
  const { death } = newest.record
  if (death?.cause === 'reused') return judgeReuse(facts, newest)
  if (death !== null) return avoidableLoss(`the newest pair was ${death.cause}`)
  return newest === stored ? avoidableLoss('a grant was ended whose pair is alive') : judgeUnstoredPair(facts, newest)
}

/** Reuse detection ended the newest pair, because a spent token of its family was presented again. */
function judgeReuse (facts: Facts, newest: Pair): Verdict {
  const reuse = facts.requestOf(newest.record.death?.by ?? null)
  const spent = facts.pairOf(reuse?.presented ?? null)
  const rotation = facts.requestOf(spent?.record.death?.by ?? null)
  if (reuse === undefined || rotation === undefined) return avoidableLoss('an unknown request presented a spent token')
  // The later arrival is the one to excuse, even where Miro acted on it first.
  const [first, second] = rotation.arrivedAt <= reuse.arrivedAt ? [rotation, reuse] : [reuse, rotation]
  const excuse = excuseForReuse(facts, { first, second })
  if (excuse !== null) return unavoidableLoss(excuse)
  return avoidableLoss(`${second.process} presented a token again that ${first.process} had presented`)
}
