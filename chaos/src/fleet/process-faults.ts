import type { Random } from '../random.js'
import type { StoreProxy } from '../stores/store-proxy.js'
import { machineNow, sleep } from '../time.js'
import type { Timings } from '../timings.js'
import type { Fleet } from './fleet.js'

/** How often each fault happened. */
export interface FaultCounts {
  kills: number
  stops: number
  terminations: number
  restarts: number
  cuts: number
}

export interface ProcessFaultOptions {
  fleet: Fleet
  proxy: StoreProxy
  random: Random
  timings: Timings
  /** Undefined for a store that this driver did not start, and must not restart. */
  restartStore: (() => Promise<void>) | undefined
}

type Fault = (random: Random) => void | Promise<void>

/** Kills, stops and terminates processes, cuts their store connections and restarts the store, as the seed says. */
export class ProcessFaults {
  readonly counts: FaultCounts = { kills: 0, stops: 0, terminations: 0, restarts: 0, cuts: 0 }
  /** When the store was last started again; Infinity while it is down, because no write can succeed then. */
  storeUpSince = 0
  readonly #options: ProcessFaultOptions
  readonly #over = new AbortController()
  #running: Array<Promise<void>> = []

  constructor (options: ProcessFaultOptions) {
    this.#options = options
  }

  /** Starts a loop for each kind of fault. Each draws from a sequence of its own, so that none shifts another's. */
  begin (): void {
    const { timings: { every }, random, restartStore } = this.#options
    const faults: Array<[everyMs: number, fault: Fault]> = [
      [every.kill, (own) => { this.#kill(own) }],
      [every.stop, (own) => { this.#stop(own) }],
      [every.terminate, (own) => { this.#terminate(own) }],
      [every.cut, (own) => { if (this.#options.proxy.cut(own)) this.counts.cuts++ }]
    ]
    if (restartStore !== undefined) faults.push([every.restart, () => this.#restart(restartStore)])
    this.#running = faults.map(([everyMs, fault]) => this.#repeat(everyMs, random.branch(), fault))
  }

  /** Ends the loops, waits for the last fault, and resumes every stopped process. */
  async end (): Promise<void> {
    this.#over.abort()
    await Promise.all(this.#running)
    for (const member of this.#options.fleet.members.values()) member.resume()
  }

  async #repeat (everyMs: number, random: Random, fault: Fault): Promise<void> {
    const { signal } = this.#over
    for (;;) {
      await sleep(random.untilNext(everyMs), signal)
      if (signal.aborted) return
      await fault(random)
    }
  }

  /** Picks among all live processes, the stopped and the terminating ones included. */
  #kill (random: Random): void {
    const { fleet } = this.#options
    const alive = [...fleet.members.values()].filter(({ endedAt, isReady }) => endedAt === null && isReady)
    const member = random.pick(alive)
    if (member === undefined || member.killedAt !== null) return
    member.kill()
    this.counts.kills++
  }

  /** Leaves at least one process running. */
  #stop (random: Random): void {
    const { fleet, timings: { longestStopMs } } = this.#options
    const member = random.pick(fleet.available)
    if (member === undefined || fleet.available.length < 2) return
    member.stop()
    this.counts.stops++
    sleep(longestStopMs * random.next(), this.#over.signal).then(() => { member.resume() }, () => {})
  }

  #terminate (random: Random): void {
    const { fleet } = this.#options
    const member = random.pick(fleet.available)
    if (member === undefined) return
    fleet.terminate(member)
    this.counts.terminations++
  }

  async #restart (restart: () => Promise<void>): Promise<void> {
    this.counts.restarts++
    this.storeUpSince = Infinity
    await restart()
    this.storeUpSince = machineNow()
  }
}
