import type { Random } from '../random.js'
import type { StoreFaults } from '../stores/store-faults.js'
import { eventually, machineNow, sleep } from '../time.js'
import type { Timings } from '../timings.js'
import type { Fleet } from './fleet.js'
import type { Member } from './member.js'

/** How often each fault happened. */
export interface FaultCounts {
  kills: number
  stops: number
  terminations: number
  /** Restarts of the store, or locks of its file. */
  outages: number
  cuts: number
}

export interface ProcessFaultOptions {
  fleet: Fleet
  storeFaults: StoreFaults
  random: Random
  timings: Timings
  /** Whether SIGKILL may hit a process now. Until it may hit one, a kill waits. */
  mayKill: (member: Member) => boolean
}

const killWait = { ms: 10_000, everyMs: 2 }

type Fault = (random: Random) => void | Promise<void>

/** Kills, stops and terminates processes, cuts their store connections and takes the store away, as the seed says. */
export class ProcessFaults {
  readonly counts: FaultCounts = { kills: 0, stops: 0, terminations: 0, outages: 0, cuts: 0 }
  /** When the store was last back; Infinity while it is down, because no write can succeed then. */
  storeUpSince = 0
  readonly #options: ProcessFaultOptions
  readonly #over = new AbortController()
  #running: Array<Promise<void>> = []

  constructor (options: ProcessFaultOptions) {
    this.#options = options
  }

  /** Starts a loop for each kind of fault. Each draws from a sequence of its own, so that none shifts another's. */
  begin (): void {
    const { timings: { every }, random, storeFaults } = this.#options
    const { outage } = storeFaults
    const faults: Array<[everyMs: number, fault: Fault]> = [
      [every.kill, (own) => this.#kill(own)],
      [every.stop, (own) => { this.#stop(own) }],
      [every.terminate, (own) => { this.#terminate(own) }],
      [every.cut, (own) => { if (storeFaults.cut(own)) this.counts.cuts++ }]
    ]
    if (outage !== null) faults.push([outage.everyMs, (own) => this.#takeStoreAway(() => outage.begin(own))])
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
  async #kill (random: Random): Promise<void> {
    const { fleet, mayKill } = this.#options
    let member: Member | undefined
    await eventually(() => {
      const alive = [...fleet.members.values()].filter(({ endedAt, isReady }) => endedAt === null && isReady)
      member = random.pick(alive.filter(mayKill))
      return member !== undefined || this.#over.signal.aborted
    }, killWait)
    if (member === undefined || member.killedAt !== null || this.#over.signal.aborted) return
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

  async #takeStoreAway (outage: () => Promise<void>): Promise<void> {
    this.counts.outages++
    this.storeUpSince = Infinity
    await outage()
    this.storeUpSince = machineNow()
  }
}
