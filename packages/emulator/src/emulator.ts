import { createMiroClock, createShiftedClock, type EmulatorClock, systemClock } from './clock.js'
import { completeSeed } from './seed/default-seed.js'
import { listenOnLoopback } from './loopback.js'
import { Miro } from './miro.js'
import type { RecordedRequest } from './wire/request-log.js'
import type { RegisteredApp } from './seed/seed.js'
import { createServer } from './server.js'
import { type EmulatorOptions, readSettings } from './settings.js'

/** A running emulator. It listens on loopback only, and has no sign-in: whoever reaches it may be anybody in it. */
export interface Emulator {
  /** Its origin, `http://localhost:PORT`. */
  readonly url: string
  /** The authorize page, in place of `https://miro.com/oauth/authorize`. */
  readonly authorizeUrl: string
  /** The origin of the API, in place of `https://api.miro.com`. */
  readonly apiUrl: string
  /** The app's time. Give it to the app under test, and both see the same hour pass. */
  readonly clock: EmulatorClock
  /** Miro's own time: `clock` and an offset of its own, so advancing it leaves the app's time alone. */
  readonly miroClock: EmulatorClock
  /** What Miro was asked so far, oldest first; it grows while the emulator runs, and holds no secrets. */
  readonly log: readonly RecordedRequest[]
  /** The app that is registered here, secret included, so that a demo can be started with it. */
  readonly app: RegisteredApp
  /** Back to the seed: no codes, tokens, installations or log, seeded boards, Miro's clock with the app's. */
  reset: () => void
  /** Stops listening and drops open connections. May be called again. */
  close: () => Promise<void>
}

/**
 * Starts a local stand-in for Miro.
 *
 * @throws {EmulatorOptionError} an option cannot work
 * @throws the error of `listen`, such as EADDRINUSE for a port that is taken
 */
export async function createEmulator (options: EmulatorOptions = {}): Promise<Emulator> {
  const settings = readSettings(options)
  const clock = createShiftedClock(options.clock ?? systemClock)
  const miro = new Miro({ seed: completeSeed(options.seed ?? {}), settings, clock, miroClock: createMiroClock(clock) })
  const server = createServer(miro)
  await server.ready()
  const listener = await listenOnLoopback((request, response) => { server.routing(request, response) }, options.port ?? 0)
  miro.url = `http://localhost:${listener.port}`

  return {
    url: miro.url,
    authorizeUrl: `${miro.url}/oauth/authorize`,
    apiUrl: miro.url,
    clock: miro.clock,
    miroClock: miro.miroClock,
    log: miro.log.entries,
    app: miro.app,
    reset: () => { miro.reset() },
    async close () {
      await listener.close()
      await server.close()
    }
  }
}
