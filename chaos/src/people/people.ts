import type { Fleet } from '../fleet/fleet.js'
import type { Member } from '../fleet/member.js'
import type { Task } from '../fleet/messages.js'
import type { Judge } from '../judge/judge.js'
import type { RequestLog } from '../miro/request-log.js'
import type { Random } from '../random.js'
import type { Tally } from '../report/tally.js'
import { eventually, machineNow, sleep } from '../time.js'
import { crowd } from './person.js'
import { newStanding, servedInAbsence, type Standing } from './standing.js'

export interface PeopleOptions {
  count: number
  fleet: Fleet
  requestLog: RequestLog
  random: Random
  tally: Tally
  awayMs: number
  judge: Pick<Judge, 'verdictOn' | 'timeline'>
}

const signInsAtOnce = 12
const againMs = 300
const lookAgainMs = 1000
const mostToNoticeMs = 1000

/** Everybody who uses the app: they sign in, again where they must, and leave now and then. One thing at a time each. */
export class People {
  readonly standings: Standing[]
  readonly #options: PeopleOptions
  #underWay = 0

  constructor (options: PeopleOptions) {
    this.#options = options
    this.standings = crowd(options.count).map(newStanding)
  }

  /** Whether somebody is on their way in or out. */
  get isBusy (): boolean {
    return this.#underWay > 0
  }

  async signEverybodyIn (): Promise<void> {
    const queue = [...this.standings]
    await Promise.all(Array.from({ length: signInsAtOnce }, async () => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) await this.#signIn(next)
    }))
  }

  /** A call found a grant unusable: what happened to it is looked into, unless something is going on anyway. */
  noticed (index: number, beganAt: number): void {
    const standing = this.standings[index]
    if (standing?.state === 'in' && !standing.isLookedInto && beganAt > standing.signedInAt) this.#run(this.#lookInto(standing))
  }

  /** A call was served. */
  served (index: number, beganAt: number, endedAt: number): void {
    const standing = this.standings[index]
    if (standing === undefined || !servedInAbsence(standing, beganAt, endedAt)) return
    this.#options.tally.judged({ fate: 'resurrected', cause: `person ${index} was served after a disconnect` }, () => this.#options.judge.timeline(standing))
  }

  /** Somebody leaves, and comes back after a while. */
  disconnectSomebody (): void {
    const standing = this.#options.random.pick(this.standings)
    if (standing?.state === 'in' && !standing.isLookedInto) this.#run(this.#leave(standing))
  }

  #run (work: Promise<unknown>): void {
    this.#underWay++
    work.finally(() => { this.#underWay-- }).catch((error: unknown) => { throw error })
  }

  async #lookInto (standing: Standing): Promise<void> {
    const { tally, judge } = this.#options
    standing.isLookedInto = true
    let verdict = await judge.verdictOn(standing)
    while (verdict.fate === 'undecided') {
      await sleep(lookAgainMs)
      verdict = await judge.verdictOn(standing)
    }
    standing.isLookedInto = false
    if (verdict.fate === 'alive') {
      tally.falseAlarms++
      return
    }
    tally.judged(verdict, () => judge.timeline(standing))
    standing.state = 'out'
    await sleep(this.#options.random.between(0, mostToNoticeMs))
    await this.#signInAgain(standing)
  }

  async #leave (standing: Standing): Promise<void> {
    const { random, awayMs, tally } = this.#options
    standing.state = 'leaving'
    await this.#untilDone({ type: 'disconnect', person: standing.person.index })
    standing.disconnectedAt = machineNow()
    standing.state = 'out'
    tally.disconnects++
    await sleep(random.between(againMs, awayMs))
    await this.#signInAgain(standing)
  }

  async #signInAgain (standing: Standing): Promise<void> {
    const { tally, judge } = this.#options
    if (standing.disconnectedAt !== null) tally.judged(await judge.verdictOn(standing), () => judge.timeline(standing))
    tally.signInsAgain++
    await this.#signIn(standing)
  }

  async #signIn (standing: Standing): Promise<void> {
    const { requestLog } = this.#options
    standing.signInBeganAt = machineNow()
    standing.state = 'signing in'
    const member = await this.#untilDone({ type: 'sign-in', person: standing.person.index })
    const first = requestLog.pairsOf(standing.person.userId).findLast(({ record, request }) => record.refreshOf === null && request?.process === member.id)
    standing.family = first?.record.id ?? 0
    standing.disconnectedAt = null
    standing.signedInAt = machineNow()
    standing.state = 'in'
  }

  /** Tries with one process after the other. A second try begins only when the first is over, one way or another. */
  async #untilDone (task: Task): Promise<Member> {
    const { fleet, random } = this.#options
    for (;;) {
      await eventually(() => fleet.atWork.length > 0, { ms: Infinity, everyMs: 20 })
      const member = random.pick(fleet.atWork)
      if (member !== undefined && await member.ask(task) === null) return member
      await sleep(againMs)
    }
  }
}
