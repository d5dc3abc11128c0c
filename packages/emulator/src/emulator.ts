import { createMiroClock, createShiftedClock, type EmulatorClock, systemClock } from './clock.js'
import { completeSeed } from './seed/default-seed.js'
import type { Fault, FaultOptions } from './faults/fault-options.js'
import { listenOnLoopback } from './loopback.js'
import type { Ledger } from './model/ledger.js'
import { Miro } from './miro.js'
import type { RecordedRequest } from './wire/request-log.js'
import type { RegisteredApp } from './seed/seed.js'
import { createServer } from './server.js'
import { type EmulatorOptions, type EmulatorSwitches, readPort, readSettings, type Settings } from './settings.js'

/** The faults of an emulator. */
export interface EmulatorFaults {
  /**
   * Adds a fault behind those that are there. Of the faults that match a request every delay is waited for in turn, and
   * the first other one ends the request.
   *
   * @throws {EmulatorOptionError} the fault could not work
   */
  add: (fault: FaultOptions) => Fault
  /** Removes every fault; requests that are held stay held. */
  clear: () => void
}

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
  /** What happened to every token pair, and why; instants are those of `miroClock`. */
  readonly ledger: Ledger
  /** What goes wrong from here on. */
  readonly faults: EmulatorFaults
  /** The switches as they are now. */
  readonly settings: Settings
  /**
   * Changes switches for every request from now on; those that are left out stay.
   *
   * @throws {EmulatorOptionError} a switch cannot work; none is changed
   */
  set: (switches: EmulatorSwitches) => void
  /** Lets a valid access token die before its time, its refresh token living on; false if there is no such token. */
  expireAccessToken: (accessToken: string) => boolean
  /**
   * Back to the start: no codes, tokens, installations, ledger, faults or log, seeded boards, the switches of the
   * options, Miro's clock with the app's. Requests that a fault holds are dropped.
   */
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
  const port = readPort(options)
  const settings = readSettings(options)
  const clock = createShiftedClock(options.clock ?? systemClock)
  const miro = new Miro({ seed: completeSeed(options.seed ?? {}), settings, clock, miroClock: createMiroClock(clock) })
  const server = createServer(miro)
  await server.ready()
  const listener = await listenOnLoopback((request, response) => { server.routing(request, response) }, port)
  miro.url = `http://localhost:${listener.port}`

  return {
    url: miro.url,
    authorizeUrl: `${miro.url}/oauth/authorize`,
    apiUrl: miro.url,
    clock: miro.clock,
    miroClock: miro.miroClock,
    log: miro.log.entries,
    app: miro.app,
    ledger: miro.tokens.ledger,
    faults: {
      add: (fault) => miro.faults.add(fault),
      clear: () => { miro.faults.clear() }
    },
    get settings () { return miro.settings },
    set (switches) { miro.settings = readSettings(switches, miro.settings) },
    expireAccessToken: (accessToken) => miro.tokens.expire(accessToken, miro.now()),
    reset: () => { miro.reset() },
    async close () {
      miro.faults.reset()
      await listener.close()
      await server.close()
    }
  }
}
