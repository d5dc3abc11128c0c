import type { Random } from '../random.js'
import { machineNow, sleep } from '../time.js'
import type { Timings } from '../timings.js'
import type { Fleet } from './fleet.js'
import type { StoreLink } from '../stores/store-link.js'

/** How often what was done. */
export interface Deeds {
  kills: number
  stops: number
  terms: number
  restarts: number
  cuts: number
}

export interface ProcessFaultOptions {
  fleet: Fleet
  link: StoreLink
  random: Random
  timings: Timings
  /** Not there for a store that belongs to somebody else. */
  restartStore: (() => Promise<void>) | undefined
}

/** Kills, stops and ends processes, cuts their connections to the store and restarts that, as the seed says. */
export class ProcessFaults {
  readonly deeds: Deeds = { kills: 0, stops: 0, terms: 0, restarts: 0, cuts: 0 }
  /** When the store was last started again; until then nobody could write. */
  storeBackAt = 0
  readonly #options: ProcessFaultOptions
  readonly #over = new AbortController()
  #running: Array<Promise<void>> = []

  constructor (options: ProcessFaultOptions) {
    this.#options = options
  }

  begin (): void {
    const { timings: { every }, random, restartStore } = this.#options
    const deeds: Array<[number, (random: Random) => unknown]> = [
      [every.kill, (own) => { this.#kill(own) }],
      [every.stop, (own) => { this.#stop(own) }],
      [every.term, (own) => { this.#term(own) }],
      [every.cut, (own) => { if (this.#options.link.cut(own)) this.deeds.cuts++ }]
    ]
    if (restartStore !== undefined) deeds.push([every.restart, () => this.#restart(restartStore)])
    this.#running = deeds.map(([everyMs, deed]) => this.#repeat(everyMs, random.branch(), deed))
  }

  /** Resolves when the last of them is over, and everybody who stood still goes on. */
  async end (): Promise<void> {
    this.#over.abort()
    await Promise.all(this.#running)
    for (const member of this.#options.fleet.members.values()) member.goOn()
  }

  async #repeat (everyMs: number, random: Random, deed: (random: Random) => unknown): Promise<void> {
    const { signal } = this.#over
    for (;;) {
      await sleep(random.untilNext(everyMs), signal)
      if (signal.aborted) return
      await deed(random)
    }
  }

  /** Whoever it meets, also who stands still or is on its way out. */
  #kill (random: Random): void {
    const alive = [...this.#options.fleet.members.values()].filter(({ endedAt, isReady }) => endedAt === null && isReady)
    const member = random.pick(alive)
    if (member === undefined || member.killedAt !== null) return
    member.kill()
    this.deeds.kills++
  }

  #stop (random: Random): void {
    const { fleet, timings: { longestStop } } = this.#options
    const member = random.pick(fleet.atWork)
    if (member === undefined || fleet.atWork.length < 2) return
    member.stop()
    this.deeds.stops++
    sleep(longestStop * random.next(), this.#over.signal).then(() => { member.goOn() }, () => {})
  }

  #term (random: Random): void {
    const member = random.pick(this.#options.fleet.atWork)
    if (member === undefined) return
    this.#options.fleet.term(member)
    this.deeds.terms++
  }

  async #restart (restart: () => Promise<void>): Promise<void> {
    this.deeds.restarts++
    this.storeBackAt = Infinity
    await restart()
    this.storeBackAt = machineNow()
  }
}
