import type { Emulator } from '@miro-oauth/emulator'
import type { Fleet } from '../fleet/fleet.js'
import type { ProcessFaults } from '../fleet/process-faults.js'
import type { MiroFaults } from '../miro/miro-faults.js'
import type { People } from '../people/people.js'
import type { Random } from '../random.js'
import { eventually, sleep } from '../time.js'
import type { Timings } from '../timings.js'
import type { StormOptions } from './storm-options.js'

export interface WeatherParts {
  options: Pick<StormOptions, 'reuse' | 'onProgress'>
  emulator: Emulator
  miroFaults: MiroFaults
  processFaults: ProcessFaults
  people: People
  random: Random
  everyDisconnectMs: number
  leap: Timings['leap']
  fleet: Pick<Fleet, 'order'>
  /** How it goes, in a line. */
  report: () => string
  isEnough: () => boolean
}

const progressEveryMs = 10_000
const extra = { ms: 60_000, everyMs: 250 }
const quarters = 4

/** Everything that goes wrong, for `ms` milliseconds, and up to a minute more until it is enough. */
export async function blow (parts: WeatherParts, ms: number): Promise<void> {
  const over = new AbortController()
  parts.miroFaults.begin()
  parts.processFaults.begin()
  const running = [disconnectPeople(parts, over.signal), switchRules(parts, ms, over.signal), tellProgress(parts, over.signal), leapAhead(parts, over.signal)]
  await sleep(ms)
  await eventually(parts.isEnough, extra)
  over.abort()
  parts.miroFaults.end()
  await Promise.all([...running, parts.processFaults.end()])
}

async function disconnectPeople ({ people, random, everyDisconnectMs }: WeatherParts, signal: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(random.untilNext(everyDisconnectMs), signal)
    if (signal.aborted) return
    people.disconnectSomebody()
  }
}

/** One answer to reuse after the other, and under each of them two ways of saying no. */
async function switchRules ({ options: { reuse }, emulator }: WeatherParts, ms: number, signal: AbortSignal): Promise<void> {
  for (let quarter = 0; quarter < quarters && !signal.aborted; quarter++) {
    const rule = reuse === 'both' ? (quarter < quarters / 2 ? 'refuse' : 'revoke-family') : reuse
    emulator.set({ rules: { reuse: rule }, refusals: quarter % 2 === 0 ? 'envelope' : 'rfc' })
    await sleep(ms / quarters, signal)
  }
}

async function leapAhead ({ leap, fleet, emulator }: WeatherParts, signal: AbortSignal): Promise<void> {
  if (leap === null) return
  for (;;) {
    await sleep(leap.every, signal)
    if (signal.aborted) return
    emulator.miroClock.advance(leap.by)
    fleet.order({ do: 'leap', ms: leap.by })
  }
}

async function tellProgress ({ options, report }: WeatherParts, signal: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(progressEveryMs, signal)
    if (signal.aborted) return
    options.onProgress(report())
  }
}
