import type { Emulator } from '@miro-oauth/emulator'
import type { Fleet } from '../fleet/fleet.js'
import type { ProcessFaults } from '../fleet/process-faults.js'
import type { MiroFaults } from '../miro/miro-faults.js'
import type { People } from '../people/people.js'
import type { Random } from '../random.js'
import { eventually, sleep } from '../time.js'
import type { Timings } from '../timings.js'
import type { StormOptions } from './storm-options.js'

/** What the faults act on, and how often. */
export interface FaultScheduleOptions {
  reuse: StormOptions['reuse']
  emulator: Emulator
  miroFaults: MiroFaults
  processFaults: ProcessFaults
  people: People
  random: Random
  /** The average time between two disconnects, in milliseconds. */
  disconnectEveryMs: number
  clockJump: Timings['clockJump']
  fleet: Pick<Fleet, 'send'>
  /** Called every ten seconds. */
  reportProgress: () => void
  /** The faults go on until this is true, for one more minute at most. */
  isEnough: () => boolean
}

const progressEveryMs = 10_000
const extraTime = { ms: 60_000, everyMs: 250 }
const quarters = 4

/** Runs all faults at once for `ms` milliseconds, and then until `isEnough`. Resolves when the last of them is over. */
export async function runFaults (options: FaultScheduleOptions, ms: number): Promise<void> {
  const { miroFaults, processFaults, isEnough } = options
  const over = new AbortController()
  miroFaults.begin()
  processFaults.begin()
  const running = [
    disconnectPeople(options, over.signal),
    switchRules(options, ms, over.signal),
    repeatProgress(options, over.signal),
    jumpClocks(options, over.signal)
  ]
  await sleep(ms)
  await eventually(isEnough, extraTime)
  over.abort()
  miroFaults.end()
  await Promise.all([...running, processFaults.end()])
}

async function disconnectPeople (options: FaultScheduleOptions, signal: AbortSignal): Promise<void> {
  const { people, random, disconnectEveryMs } = options
  for (;;) {
    await sleep(random.untilNext(disconnectEveryMs), signal)
    if (signal.aborted) return
    people.disconnectOne()
  }
}

/** Miro's answer to reuse changes at half-time, and the form of its refusals in every quarter. */
async function switchRules (options: FaultScheduleOptions, ms: number, signal: AbortSignal): Promise<void> {
  const { reuse, emulator } = options
  for (let quarter = 0; quarter < quarters && !signal.aborted; quarter++) {
    const rule = reuse === 'both' ? (quarter < quarters / 2 ? 'refuse' : 'revoke-family') : reuse
    emulator.set({ rules: { reuse: rule }, refusals: quarter % 2 === 0 ? 'envelope' : 'rfc' })
    await sleep(ms / quarters, signal)
  }
}

async function jumpClocks ({ clockJump, fleet, emulator }: FaultScheduleOptions, signal: AbortSignal): Promise<void> {
  if (clockJump === null) return
  for (;;) {
    await sleep(clockJump.everyMs, signal)
    if (signal.aborted) return
    emulator.miroClock.advance(clockJump.byMs)
    fleet.send({ type: 'advance-clock', ms: clockJump.byMs })
  }
}

async function repeatProgress ({ reportProgress }: FaultScheduleOptions, signal: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(progressEveryMs, signal)
    if (signal.aborted) return
    reportProgress()
  }
}
