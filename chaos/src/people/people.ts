import type { Fleet } from '../fleet/fleet.js'
import type { Member } from '../fleet/member.js'
import type { Task } from '../fleet/messages.js'
import type { Judge } from '../judge/judge.js'
import type { RequestLog } from '../miro/request-log.js'
import type { Random } from '../random.js'
import type { Tally } from '../report/tally.js'
import { eventually, machineNow, sleep } from '../time.js'
import { isServedWhileDisconnected, newPersonState, type PersonState, type ServedCall } from './person-state.js'
import { createPeople } from './person.js'

export interface PeopleOptions {
  count: number
  fleet: Fleet
  requestLog: RequestLog
  random: Random
  tally: Tally
  /** The longest time from a disconnect to the next sign-in. */
  longestAbsenceMs: number
  judge: Pick<Judge, 'verdictOn' | 'timeline'>
}

const concurrentSignIns = 12
const retryMs = 300
const judgeAgainMs = 1000
/** The longest time from a lost grant to the sign-in that replaces it. */
const longestHesitationMs = 1000

/** The users of the app: they sign in, again after a loss, and disconnect at times. Each does one thing at a time. */
export class People {
  readonly states: PersonState[]
  readonly #options: PeopleOptions
  #running = 0

  constructor (options: PeopleOptions) {
    this.#options = options
    this.states = createPeople(options.count).map(newPersonState)
  }

  /** Whether anyone is signing in, disconnecting or being judged. */
  get isBusy (): boolean {
    return this.#running > 0
  }

  async signInAll (): Promise<void> {
    const queue = [...this.states]
    await Promise.all(Array.from({ length: concurrentSignIns }, async () => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) await this.#signIn(next)
    }))
  }

  /** A call failed as for a lost grant: the judge looks for the cause, unless the person has since moved on. */
  onUnusable (index: number, beganAt: number): void {
    const state = this.states[index]
    if (state?.phase !== 'signed in' || state.isBeingJudged || beganAt <= state.signedInAt) return
    this.#run(this.#judgeFailure(state))
  }

  /** A call was served: counts a violation if the grant was disconnected all the while. */
  onServed (index: number, call: ServedCall): void {
    const { tally, judge } = this.#options
    const state = this.states[index]
    if (state === undefined || !isServedWhileDisconnected(state, call)) return
    const cause = `person ${index} was served after a disconnect`
    tally.addVerdict({ fate: 'resurrected', cause }, () => judge.timeline(state))
  }

  /** Has a random person disconnect, and sign in again after a while. */
  disconnectOne (): void {
    const state = this.#options.random.pick(this.states)
    if (state?.phase === 'signed in' && !state.isBeingJudged) this.#run(this.#disconnect(state))
  }

  #run (work: Promise<unknown>): void {
    this.#running++
    work.finally(() => { this.#running-- }).catch((error: unknown) => { throw error })
  }

  async #judgeFailure (state: PersonState): Promise<void> {
    const { tally, judge, random } = this.#options
    state.isBeingJudged = true
    let verdict = await judge.verdictOn(state)
    while (verdict.fate === 'undecided') {
      await sleep(judgeAgainMs)
      verdict = await judge.verdictOn(state)
    }
    state.isBeingJudged = false
    if (verdict.fate === 'alive') {
      tally.falseAlarms++
      return
    }
    tally.addVerdict(verdict, () => judge.timeline(state))
    state.phase = 'signed out'
    await sleep(random.between(0, longestHesitationMs))
    await this.#signInAgain(state)
  }

  async #disconnect (state: PersonState): Promise<void> {
    const { random, longestAbsenceMs, tally } = this.#options
    state.phase = 'disconnecting'
    await this.#untilDone({ type: 'disconnect', person: state.person.index })
    state.disconnectedAt = machineNow()
    state.phase = 'signed out'
    tally.disconnects++
    await sleep(random.between(retryMs, longestAbsenceMs))
    await this.#signInAgain(state)
  }

  async #signInAgain (state: PersonState): Promise<void> {
    const { tally, judge } = this.#options
    if (state.disconnectedAt !== null) {
      tally.addVerdict(await judge.verdictOn(state), () => judge.timeline(state))
    }
    tally.signInsAgain++
    await this.#signIn(state)
  }

  async #signIn (state: PersonState): Promise<void> {
    state.signInBeganAt = machineNow()
    state.phase = 'signing in'
    const member = await this.#untilDone({ type: 'sign-in', person: state.person.index })
    state.family = this.#familyGivenTo(member, state) ?? 0
    state.disconnectedAt = null
    state.signedInAt = machineNow()
    state.phase = 'signed in'
  }

  /** The family of the last code exchange that this process made for this person. */
  #familyGivenTo (member: Member, { person }: PersonState): number | undefined {
    const pairs = this.#options.requestLog.pairsOf(person.userId)
    const first = pairs.findLast(({ record, request }) => record.refreshOf === null && request?.process === member.id)
    return first?.record.id
  }

  /** Gives the task to one process after another until it is done. Each try begins after the one before has ended. */
  async #untilDone (task: Task): Promise<Member> {
    const { fleet, random } = this.#options
    for (;;) {
      await eventually(() => fleet.available.length > 0, { ms: Infinity, everyMs: 20 })
      const member = random.pick(fleet.available)
      if (member !== undefined && await member.ask(task) === null) return member
      await sleep(retryMs)
    }
  }
}
