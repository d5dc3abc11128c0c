import { Fleet } from '../fleet/fleet.js'
import type { Member } from '../fleet/member.js'
import type { CallReport, Message } from '../fleet/messages.js'
import { ProcessFaults } from '../fleet/process-faults.js'
import { Judge } from '../judge/judge.js'
import { judgeLimits } from '../judge/facts.js'
import type { Verdict } from '../judge/verdict.js'
import { RequestLog } from '../miro/request-log.js'
import { MiroFaults } from '../miro/miro-faults.js'
import { watchTokens } from '../miro/token-watch.js'
import { People } from '../people/people.js'
import type { Standing } from '../people/standing.js'
import { Random } from '../random.js'
import { Tally } from '../report/tally.js'
import type { OpenStore } from '../stores/open-store.js'
import type { StoreLink } from '../stores/store-link.js'
import { eventually, machineNow } from '../time.js'
import type { Timings } from '../timings.js'
import { progressLine } from '../report/progress-line.js'
import type { Scene } from './scene.js'
import { waitForLastLease } from './last-lease.js'
import type { SoFar, StormOptions, StormResult } from './storm-options.js'
import { runFaults } from './fault-schedule.js'

interface StormParts {
  options: StormOptions
  timings: Timings
  scene: Scene
  /** The driver's own way to the store, which nobody cuts. */
  own: OpenStore
  link: StoreLink
}

const fleetSize = 4
/** For a last verdict: longer than a live process may take to store what it got. */
const patience = { ms: 30_000, everyMs: 100 }

/** One storm, from the first sign-in to the last verdict. */
export class Storm {
  readonly #parts: StormParts
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

  constructor (parts: StormParts) {
    const { options, timings, scene: { emulator, server, address }, own, link } = parts
    const random = new Random(options.seed)
    const requestLog = new RequestLog(emulator.ledger)
    emulator.miroClock.advance(-timings.miroBehind)
    watchTokens({ emulator, requestLog })
    this.#parts = parts
    this.#random = random
    this.#requestLog = requestLog
    const fleet = this.#fleet = this.#startFleet()
    this.#miroFaults = new MiroFaults({ emulator, random: random.branch(), requestLog, timings })
    this.#processFaults = new ProcessFaults({ fleet, link, random: random.branch(), timings, restartStore: server.restart?.bind(server) })
    this.#judge = new Judge({
      own,
      subject: options.subject,
      clientId: address.clientId,
      requestLog,
      fleet,
      limits: judgeLimits(timings.limits, timings.storing),
      storeUpSince: () => this.#processFaults.storeUpSince
    })
    this.#people = new People({ count: options.people, fleet, requestLog, random: random.branch(), tally: this.#tally, awayMs: timings.away, judge: this.#judge })
  }

  async run (): Promise<StormResult> {
    const { options, timings, scene: { emulator } } = this.#parts
    await this.#fleet.ready()
    await this.#people.signEverybodyIn()
    this.#command('begin-calls')
    const beganAt = machineNow()
    await runFaults({
      reuse: options.reuse,
      emulator,
      miroFaults: this.#miroFaults,
      processFaults: this.#processFaults,
      people: this.#people,
      random: this.#random.branch(),
      disconnectEveryMs: timings.stay / options.people,
      leap: timings.leap,
      fleet: this.#fleet,
      reportProgress: () => { options.onProgress(progressLine({ ...this.#soFar, ms: machineNow() - beganAt })) },
      isEnough: () => options.isEnough?.(this.#soFar) ?? true
    }, options.minutes * 60_000)
    const endedAt = this.#endedAt = machineNow()
    options.onProgress(`the storm is over; the last lease may last another ${Math.round(timings.limits.leaseMs / 1000)} s`)
    await waitForLastLease({ judge: this.#judge, people: this.#people, endCalls: () => { this.#command('end-calls') }, timings })
    const { alive, away } = await this.#judgeEverybody()
    this.#tally.violations.push(...this.#fleet.crashes.map((cause) => ({ kind: 'crash' as const, cause, timeline: '' })))
    return { ...this.#soFar, options, alive, away, ms: endedAt - beganAt, endedAt }
  }

  get #soFar (): SoFar {
    return { tally: this.#tally, requestLog: this.#requestLog, counts: this.#processFaults.counts }
  }

  async close (): Promise<void> {
    this.#parts.scene.emulator.faults.clear()
    await this.#fleet.close()
  }

  #startFleet (): Fleet {
    const { options, timings, scene, link } = this.#parts
    return new Fleet({
      size: fleetSize,
      random: this.#random.branch(),
      clocksApartMs: timings.clocksApart,
      onMessage: (message, member) => { this.#onMessage(message, member) },
      worker: {
        subject: options.subject,
        store: { kind: options.store, url: link.url },
        miro: scene.address,
        people: options.people,
        callsPerSecond: options.callsPerSecond / fleetSize,
        limits: timings.limits,
        accessTokenSeconds: timings.accessTokenSeconds,
        aheadMs: timings.fleetAhead
      }
    })
  }

  #onMessage (message: Message, member: Member): void {
    switch (message.type) {
      case 'ready': return this.#isCalling ? member.send({ type: 'begin-calls' }) : undefined
      case 'stored': return this.#requestLog.recordStored(message.refreshToken, message.at)
      case 'unusable': return this.#people.noticed(message.person, message.beganAt)
      case 'report': return this.#heard(message.calls)
      case 'foreign': {
        const cause = `${member.id} was answered as ${message.answeredAs} for person ${message.person}`
        this.#tally.judged({ fate: 'foreign token', cause }, () => '')
      }
    }
  }

  #heard (calls: CallReport): void {
    if (machineNow() < this.#endedAt) this.#tally.add(calls)
    for (const [index, beganAt, endedAt] of calls.served) this.#people.served(index, beganAt, endedAt)
  }

  #command (type: 'begin-calls' | 'end-calls'): void {
    this.#isCalling = type === 'begin-calls'
    this.#fleet.send({ type })
  }

  async #judgeEverybody (): Promise<{ alive: number, away: number }> {
    const counts = { alive: 0, away: 0 }
    for (const standing of this.#people.standings) {
      const verdict = await this.#lastVerdict(standing)
      if (verdict.fate === 'alive' || verdict.fate === 'away') counts[verdict.fate]++
      // Whatever is not settled by now will never be.
      const last: Verdict = verdict.fate === 'undecided' ? { fate: 'lost', avoidable: true, cause: verdict.why } : verdict
      this.#tally.judged(last, () => this.#judge.timeline(standing))
    }
    return counts
  }

  /** A call that was about to begin when all were told to rest may still be under way. */
  async #lastVerdict (standing: Standing): Promise<Verdict> {
    let verdict = await this.#judge.verdictOn(standing)
    await eventually(async () => {
      if (verdict.fate === 'undecided') verdict = await this.#judge.verdictOn(standing)
      return verdict.fate !== 'undecided'
    }, patience)
    return verdict
  }
}
