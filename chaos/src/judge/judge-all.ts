import type { People } from '../people/people.js'
import type { PersonState } from '../people/person-state.js'
import type { Tally } from '../report/tally.js'
import { eventually } from '../time.js'
import type { Judge } from './judge.js'
import { avoidableLoss, type Verdict } from './verdict.js'

/** Longer than a running process may take to store the pair that it received. */
const patience = { ms: 30_000, everyMs: 100 }

/** How many people were left with a live pair, and how many were disconnected. */
export interface FinalCounts {
  alive: number
  disconnected: number
}

interface JudgeAllOptions {
  people: People
  judge: Judge
  tally: Tally
}

/** Judges every person after the last call, and adds the verdicts to the tally. */
export async function judgeAll ({ people, judge, tally }: JudgeAllOptions): Promise<FinalCounts> {
  const counts: FinalCounts = { alive: 0, disconnected: 0 }
  for (const state of people.states) {
    const verdict = await finalVerdict(judge, state)
    if (verdict.fate === 'alive' || verdict.fate === 'disconnected') counts[verdict.fate]++
    tally.addVerdict(verdict, () => judge.timeline(state))
  }
  return counts
}

/** Waits up to 30 s for a call that began just before the end of the calls, and may be about to store its pair. */
async function finalVerdict (judge: Judge, state: PersonState): Promise<Verdict> {
  let verdict = await judge.verdictOn(state)
  await eventually(async () => {
    if (verdict.fate === 'undecided') verdict = await judge.verdictOn(state)
    return verdict.fate !== 'undecided'
  }, patience)
  return verdict.fate === 'undecided' ? avoidableLoss(verdict.why) : verdict
}
