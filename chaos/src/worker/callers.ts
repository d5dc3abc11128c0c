import type { CallReport, Message } from '../fleet/messages.js'
import { personAt } from '../people/person.js'
import type { Random } from '../random.js'
import type { Subject } from '../subjects/subject.js'
import { machineNow, sleep } from '../time.js'

/** While this many calls wait, no more are made. */
const mostWaiting = 600
const reportEveryMs = 1000

export interface CallerOptions {
  subject: Subject
  random: Random
  people: number
  callsPerSecond: number
  send: (message: Message) => void
}

/** Calls Miro for random people at a fixed rate on average, without waiting for earlier calls to end. */
export class Callers {
  readonly #options: CallerOptions
  #report = emptyReport()
  #waiting = 0

  constructor (options: CallerOptions) {
    this.#options = options
    setInterval(() => { this.report() }, reportEveryMs).unref()
  }

  /** Makes calls until `signal` aborts. */
  async begin (signal: AbortSignal): Promise<void> {
    const { random, people, callsPerSecond } = this.#options
    let next = machineNow()
    while (!signal.aborted) {
      // A process that was stopped makes up for one second at most.
      next = Math.max(next, machineNow() - reportEveryMs) + random.untilNext(1000 / callsPerSecond)
      const waitMs = next - machineNow()
      if (waitMs > 0) await sleep(waitMs, signal)
      if (this.#waiting < mostWaiting) this.#call(random.below(people)).catch(() => {})
    }
  }

  report (): void {
    if (this.#report.durationsMs.length > 0) this.#options.send({ type: 'report', calls: this.#report })
    this.#report = emptyReport()
  }

  async #call (index: number): Promise<void> {
    const { subject, send } = this.#options
    const person = personAt(index)
    const beganAt = machineNow()
    this.#waiting++
    try {
      const answeredAs = await subject.call(person)
      if (answeredAs !== person.userId) send({ type: 'foreign', person: index, answeredAs })
      this.#report.served.push([index, beganAt, machineNow()])
    } catch (error) {
      const code = subject.codeOf(error)
      this.#report.errors[code] = (this.#report.errors[code] ?? 0) + 1
      if (subject.needsSignIn(code)) send({ type: 'unusable', person: index, code, beganAt })
    } finally {
      this.#waiting--
      this.#report.durationsMs.push(machineNow() - beganAt)
    }
  }
}

function emptyReport (): CallReport {
  return { durationsMs: [], errors: {}, served: [] }
}
