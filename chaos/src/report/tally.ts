import type { CallReport } from '../fleet/messages.js'
import type { Verdict } from '../judge/verdict.js'

/** A rule was broken, with everything that is known about it. */
export interface Violation {
  kind: 'lost avoidably' | 'resurrected' | 'wrong epoch' | 'foreign token' | 'crash'
  cause: string
  timeline: string
}

/** What is counted while a storm runs. */
export class Tally {
  readonly errors = new Map<string, number>()
  /** How long each call took, in milliseconds. */
  readonly durationsMs: number[] = []
  readonly violations: Violation[] = []
  /** How often a grant was lost for which reason, where nobody could help it. */
  readonly unavoidable = new Map<string, number>()
  /** How old requests were when their processes were killed and their grants lost, in milliseconds. */
  readonly killAges: number[] = []
  signInsAgain = 0
  disconnects = 0
  /** How often somebody was asked to sign in again whose grant turned out to be alive. */
  falseAlarms = 0

  add ({ durationsMs, errors }: CallReport): void {
    for (const ms of durationsMs) this.durationsMs.push(ms)
    for (const [code, count] of Object.entries(errors)) increase(this.errors, code, count)
  }

  /** @param timelineOf called where the verdict is a violation */
  judged (verdict: Verdict, timelineOf: () => string): void {
    switch (verdict.fate) {
      case 'alive': case 'away': case 'undecided': return
      case 'lost': return this.#lost(verdict, timelineOf)
      default: this.violations.push({ kind: verdict.fate, cause: verdict.cause, timeline: timelineOf() })
    }
  }

  count (kind: Violation['kind']): number {
    return this.violations.filter((violation) => violation.kind === kind).length
  }

  #lost ({ avoidable, cause, ageMs }: Extract<Verdict, { fate: 'lost' }>, timelineOf: () => string): void {
    if (avoidable) {
      this.violations.push({ kind: 'lost avoidably', cause, timeline: timelineOf() })
      return
    }
    increase(this.unavoidable, cause, 1)
    if (ageMs !== undefined) this.killAges.push(ageMs)
  }
}

function increase (counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by)
}
