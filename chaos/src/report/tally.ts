import type { CallReport } from '../fleet/messages.js'
import type { Verdict } from '../judge/verdict.js'

/** A broken rule, with all known events of the grant. */
export interface Violation {
  kind: 'lost avoidably' | 'resurrected' | 'wrong epoch' | 'foreign token' | 'crash'
  cause: string
  timeline: string
}

/** What is counted while a storm runs. */
export class Tally {
  /** How many calls failed with which code. */
  readonly errors = new Map<string, number>()
  /** How long each call took, in milliseconds. */
  readonly durationsMs: number[] = []
  readonly violations: Violation[] = []
  /** How many grants were lost unavoidably, by cause. */
  readonly unavoidable = new Map<string, number>()
  /** How old the requests were whose processes were killed, at the cost of a grant, in milliseconds. */
  readonly killedRequestAgesMs: number[] = []
  signInsAgain = 0
  disconnects = 0
  /** How often a call failed as for a lost grant, and the judge found the grant alive. */
  falseAlarms = 0

  addCalls ({ durationsMs, errors }: CallReport): void {
    for (const ms of durationsMs) this.durationsMs.push(ms)
    for (const [code, count] of Object.entries(errors)) increase(this.errors, code, count)
  }

  /** @param timelineOf called where the verdict is a violation */
  addVerdict (verdict: Verdict, timelineOf: () => string): void {
    switch (verdict.fate) {
      case 'alive': case 'disconnected': case 'undecided': return
      case 'lost': return this.#addLoss(verdict, timelineOf)
      default: this.violations.push({ kind: verdict.fate, cause: verdict.cause, timeline: timelineOf() })
    }
  }

  addCrash (cause: string): void {
    this.violations.push({ kind: 'crash', cause, timeline: '' })
  }

  count (kind: Violation['kind']): number {
    return this.violations.filter((violation) => violation.kind === kind).length
  }

  #addLoss ({ avoidable, cause, ageMs }: Extract<Verdict, { fate: 'lost' }>, timelineOf: () => string): void {
    if (avoidable) {
      this.violations.push({ kind: 'lost avoidably', cause, timeline: timelineOf() })
      return
    }
    increase(this.unavoidable, cause, 1)
    if (ageMs !== undefined) this.killedRequestAgesMs.push(ageMs)
  }
}

function increase (counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by)
}
