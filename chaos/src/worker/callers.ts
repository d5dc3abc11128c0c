import { machineNow, sleep } from '../time.js'
import type { CallReport, Message } from '../fleet/messages.js'
import { personAt } from '../people/person.js'
import type { Random } from '../random.js'
import type { Subject } from '../subjects/subject.js'

/** More who wait at once would send nothing new. */
const mostWaiting = 600
const reportEveryMs = 1000

export interface CallerParts {
  subject: Subject
  random: Random
  people: number
  callsPerSecond: number
  send: (message: Message) => void
}

/** Many who ask something of Miro for anybody, whenever they like, whether or not others are still waiting. */
export class Callers {
  readonly #parts: CallerParts
  #report = emptyReport()
  #waiting = 0

  constructor (parts: CallerParts) {
    this.#parts = parts
    setInterval(() => { this.report() }, reportEveryMs).unref()
  }

  /** Until `signal` aborts. */
  async begin (signal: AbortSignal): Promise<void> {
    const { random, people, callsPerSecond } = this.#parts
    let next = machineNow()
    while (!signal.aborted) {
      next = Math.max(next, machineNow() - reportEveryMs) + random.untilNext(1000 / callsPerSecond)
      const waitMs = next - machineNow()
      if (waitMs > 0) await sleep(waitMs, signal)
      if (this.#waiting < mostWaiting) this.#call(random.below(people)).catch(() => {})
    }
  }

  report (): void {
    if (this.#report.durationsMs.length > 0) this.#parts.send({ type: 'report', calls: this.#report })
    this.#report = emptyReport()
  }

  async #call (index: number): Promise<void> {
    const { subject, send } = this.#parts
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
      if (subject.isOver(code)) send({ type: 'unusable', person: index, code, beganAt })
    } finally {
      this.#waiting--
      this.#report.durationsMs.push(machineNow() - beganAt)
    }
  }
}

function emptyReport (): CallReport {
  return { durationsMs: [], errors: {}, served: [] }
}
