import { Fleet } from '../fleet/fleet.js'
import type { Member } from '../fleet/member.js'
import type { CallReport, Message } from '../fleet/messages.js'
import { ProcessFaults } from '../fleet/process-faults.js'
import { judgeAll } from '../judge/judge-all.js'
import { judgeLimits } from '../judge/judge-limits.js'
import { Judge } from '../judge/judge.js'
import { MiroFaults } from '../miro/miro-faults.js'
import { RequestLog } from '../miro/request-log.js'
import { watchTokens } from '../miro/token-watch.js'
import { People } from '../people/people.js'
import { Random } from '../random.js'
import { isRefreshing } from '../miro/refresh-under-way.js'
import { progressLine } from '../report/progress-line.js'
import { Tally } from '../report/tally.js'
import type { OpenStore } from '../stores/open-store.js'
import type { StoreFaults } from '../stores/store-faults.js'
import { machineNow } from '../time.js'
import type { Timings } from '../timings.js'
import { runFaults } from './fault-schedule.js'
import { waitForLastLease } from './last-lease.js'
import type { Servers } from './servers.js'
import type { StormOptions, StormProgress, StormResult } from './storm-options.js'

interface StormRunOptions {
  options: StormOptions
  timings: Timings
  servers: Servers
  /** The driver's own connection to the store, which no fault cuts. */
  driverStore: OpenStore
  storeFaults: StoreFaults
}

const fleetSize = 4

/** One storm, from the first sign-in to the last verdict. */
export class StormRun {
  readonly #parts: StormRunOptions
  readonly #random: Random
  readonly #tally = new Tally()
  readonly #requestLog: RequestLog
  readonly #fleet: Fleet
  readonly #judge: Judge
  readonly #people: People
  readonly #miroFaults: MiroFaults
  readonly #processFaults: ProcessFaults
  #isCalling = false
  #endedAt = Infinity

  constructor (parts: StormRunOptions) {
    const { options, timings, servers: { emulator, miro }, driverStore, storeFaults } = parts
    const random = this.#random = new Random(options.seed)
    const requestLog = this.#requestLog = new RequestLog(emulator.ledger)
    const tally = this.#tally
    this.#parts = parts
    emulator.miroClock.advance(-timings.miroBehindMs)
    watchTokens({ emulator, requestLog })
    const fleet = this.#fleet = this.#startFleet()
    this.#miroFaults = new MiroFaults({ emulator, random: random.branch(), requestLog, timings })
    this.#processFaults = new ProcessFaults({
      fleet,
      storeFaults,
      random: random.branch(),
      timings,
      mayKill: ({ id }) => options.kill === 'any' || isRefreshing(requestLog, id)
    })
    const judge = this.#judge = new Judge({
      driverStore,
      subject: options.subject,
      clientId: miro.clientId,
      requestLog,
      fleet,
      limits: judgeLimits(timings.limits, timings.storingMs),
      storeUpSince: () => this.#processFaults.storeUpSince
    })
    const { longestAbsenceMs } = timings
    this.#people = new People({
      count: options.people, fleet, requestLog, random: random.branch(), tally, longestAbsenceMs, judge
    })
  }

  async run (): Promise<StormResult> {
    const { options, timings } = this.#parts
    await this.#fleet.ready()
    await this.#people.signInAll()
    this.#command('begin-calls')
    const beganAt = machineNow()
    await this.#runFaults(beganAt)
    const endedAt = this.#endedAt = machineNow()
    const leaseSeconds = Math.round(timings.limits.leaseMs / 1000)
    options.onProgress(`the storm is over; the last lease may last another ${leaseSeconds} s`)
    const [judge, people, tally] = [this.#judge, this.#people, this.#tally]
    await waitForLastLease({ judge, people, endCalls: () => { this.#command('end-calls') }, timings })
    const counts = await judgeAll({ judge, people, tally })
    for (const crash of this.#fleet.crashes) tally.addCrash(crash)
    return { ...this.#progress, ...counts, options, ms: endedAt - beganAt, endedAt }
  }

  async close (): Promise<void> {
    this.#parts.servers.emulator.faults.clear()
    await this.#fleet.close()
  }

  get #progress (): StormProgress {
    return {
      tally: this.#tally,
      requestLog: this.#requestLog,
      counts: this.#processFaults.counts,
      processes: [...this.#fleet.members.values()]
    }
  }

  #startFleet (): Fleet {
    const { options, timings, servers, storeFaults } = this.#parts
    return new Fleet({
      size: fleetSize,
      random: this.#random.branch(),
      clockSkewMs: timings.clockSkewMs,
      onMessage: (message, member) => { this.#onMessage(message, member) },
      worker: {
        subject: options.subject,
        store: { kind: options.store, url: storeFaults.url },
        miro: servers.miro,
        people: options.people,
        callsPerSecond: options.callsPerSecond / fleetSize,
        limits: timings.limits,
        accessTokenSeconds: timings.accessTokenSeconds,
        aheadMs: timings.fleetAheadMs
      }
    })
  }

  #runFaults (beganAt: number): Promise<void> {
    const { options, timings, servers: { emulator } } = this.#parts
    return runFaults({
      reuse: options.reuse,
      emulator,
      miroFaults: this.#miroFaults,
      processFaults: this.#processFaults,
      people: this.#people,
      random: this.#random.branch(),
      disconnectEveryMs: timings.averageStayMs / options.people,
      clockJump: timings.clockJump,
      fleet: this.#fleet,
      reportProgress: () => { options.onProgress(progressLine(this.#progress, machineNow() - beganAt)) },
      isEnough: () => options.isEnough?.(this.#progress) ?? true
    }, options.minutes * 60_000)
  }

  #onMessage (message: Message, member: Member): void {
    switch (message.type) {
      case 'ready': return this.#isCalling ? member.send({ type: 'begin-calls' }) : undefined
      case 'done': return
      case 'stored': return this.#requestLog.recordStored(message.refreshToken, message.at)
      case 'unusable': return this.#people.onUnusable(message.person, message.beganAt)
      case 'report': return this.#onReport(message.calls)
      case 'foreign': {
        const cause = `${member.id} was answered as ${message.answeredAs} for person ${message.person}`
        this.#tally.addVerdict({ fate: 'foreign token', cause }, () => '')
      }
    }
  }

  #onReport (calls: CallReport): void {
    if (machineNow() < this.#endedAt) this.#tally.addCalls(calls)
    for (const [index, beganAt, endedAt] of calls.served) this.#people.onServed(index, { beganAt, endedAt })
  }

  #command (type: 'begin-calls' | 'end-calls'): void {
    this.#isCalling = type === 'begin-calls'
    this.#fleet.send({ type })
  }
}
