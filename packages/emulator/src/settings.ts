import type { GivenClock } from './clock.js'
import { EmulatorOptionError } from './option-error.js'
import type { EmulatorSeed } from './seed/seed.js'

/** How ids are written in token answers: as text, or as the bare 64-bit numbers of one of Miro's samples. */
export type IdStyle = 'text' | 'numbers'

/** Everything `createEmulator` takes; every option has a default. */
export interface EmulatorOptions {
  /** The port on loopback; 0, the default, takes any free one. */
  port?: number
  /** The app's time in epoch milliseconds; default the machine's. */
  clock?: GivenClock
  /** The app, people, teams and boards at the start. */
  seed?: EmulatorSeed
  /** Default `'text'`. With `'numbers'` the refresh answer also leaves out `user_id`, as Miro's sample does. */
  ids?: IdStyle
  /** Credits per minute of each user of the app; default 100,000. */
  creditsPerMinute?: number
}

/** The switches, checked and complete. */
export interface Settings {
  ids: IdStyle
  creditsPerMinute: number
}

/** @throws {EmulatorOptionError} naming the option that cannot work */
export function readSettings (options: EmulatorOptions): Settings {
  const { port = 0, ids = 'text', creditsPerMinute = 100_000 } = options
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new EmulatorOptionError('port must be an integer from 0 to 65535')
  }
  if (ids !== 'text' && ids !== 'numbers') throw new EmulatorOptionError("ids must be 'text' or 'numbers'")
  if (!Number.isInteger(creditsPerMinute) || creditsPerMinute < 1) {
    throw new EmulatorOptionError('creditsPerMinute must be a positive integer')
  }
  return { ids, creditsPerMinute }
}
