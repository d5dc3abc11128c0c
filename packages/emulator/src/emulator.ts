import type { RequestListener } from 'node:http'
import { createMiroClock, createShiftedClock, type EmulatorClock, systemClock } from './clock.js'
import { completeSeed } from './seed/default-seed.js'
import type { Fault, FaultOptions } from './faults/fault-options.js'
import { listenOn, listenOnLoopback } from './listen.js'
import type { Ledger } from './model/ledger.js'
import { Miro } from './miro.js'
import type { RecordedRequest } from './wire/request-log.js'
import { toAppFormLink } from './pages/app-form-link.js'
import type { Person } from './sdk/id-token.js'
import type { RegisteredApp } from './seed/seed.js'
import { createServer } from './server.js'
import { type EmulatorOptions, type EmulatorSwitches, readAddress, readPort, readSettings, type Settings } from './settings.js'

/** The faults of an emulator. */
export interface EmulatorFaults {
  /**
   * Adds a fault behind the others. A request waits for each delay that matches it, in the order of adding, until the
   * first matching fault that is no delay ends it.
   *
   * @throws {EmulatorOptionError} the fault has an invalid field
   */
  add: (fault: FaultOptions) => Fault
  /** Removes every fault. A request that a delay holds is held to the end of the delay. */
  clear: () => void
}

/** A running emulator. It has no sign-in: any caller may act as any of its users. It therefore listens on loopback. */
export interface Emulator {
  /** Its origin, `http://localhost:PORT`. */
  readonly url: string
  /** The authorize page, in place of `https://miro.com/oauth/authorize`. */
  readonly authorizeUrl: string
  /** The origin of the API, in place of `https://api.miro.com`. */
  readonly apiUrl: string
  /** The app's clock. Give it to the app under test, so that advancing it moves both. */
  readonly clock: EmulatorClock
  /** Miro's clock: `clock` with an offset of its own, so that advancing it does not move the app's. */
  readonly miroClock: EmulatorClock
  /** The requests so far, the oldest first, without secrets. It grows while the emulator runs. */
  readonly log: readonly RecordedRequest[]
  /** The registered app, its secret included, so that a demo can be started with it. */
  readonly app: RegisteredApp
  /** The link to the form in which an app is registered at the real Miro, filled in with this one. */
  readonly appFormLink: string
  /** What happened to every token pair, and why. Its instants are those of `miroClock`. */
  readonly ledger: Ledger
  /** The faults of the requests from now on. */
  readonly faults: EmulatorFaults
  /** The switches as they are now. */
  readonly settings: Settings
  /**
   * Changes switches for every request from now on; those that are left out stay as they are.
   *
   * @throws {EmulatorOptionError} a switch has an invalid value; then none is changed
   */
  set: (switches: EmulatorSwitches) => void
  /**
   * An id token of the Web SDK for a person in one of their teams, as `miro.board.getIdToken()` returns it: a JWT that
   * is signed with the client secret, by Miro's clock.
   *
   * @throws {EmulatorMembershipError} the user is not a member of the team, or one of the two does not exist
   */
  idTokenFor: (person: Person) => string
  /** Ends a valid access token early; its refresh token stays valid. Returns false if there is no such token. */
  expireAccessToken: (accessToken: string) => boolean
  /**
   * Returns to the start: removes codes, tokens, installations, faults, ledger and log, restores the seeded boards and
   * the switches of the options, sets Miro's clock to the app's, and drops the requests that a delay holds.
   */
  reset: () => void
  /** Stops listening and drops open connections. May be called again. */
  close: () => Promise<void>
}

/**
 * Starts a local stand-in for Miro.
 *
 * @throws {EmulatorOptionError} an option has an invalid value
 * @throws the error of `listen`, such as EADDRINUSE for a port that is taken
 */
export async function createEmulator (options: EmulatorOptions = {}): Promise<Emulator> {
  const port = readPort(options)
  const address = readAddress(options)
  const settings = readSettings(options)
  const clock = createShiftedClock(options.clock ?? systemClock)
  const miro = new Miro({ seed: completeSeed(options.seed ?? {}), settings, clock, miroClock: createMiroClock(clock) })
  const server = createServer(miro)
  await server.ready()
  const handler: RequestListener = (request, response) => { server.routing(request, response) }
  const listener = await (address === null ? listenOnLoopback(handler, port) : listenOn(address, handler, port))
  miro.url = `http://localhost:${listener.port}`

  return {
    url: miro.url,
    authorizeUrl: `${miro.url}/oauth/authorize`,
    apiUrl: miro.url,
    clock: miro.clock,
    miroClock: miro.miroClock,
    log: miro.log.entries,
    app: miro.app,
    appFormLink: toAppFormLink(miro.app),
    ledger: miro.tokens.ledger,
    faults: {
      add: (fault) => miro.faults.add(fault),
      clear: () => { miro.faults.clear() }
    },
    get settings () { return miro.settings },
    set (switches) { miro.settings = readSettings(switches, miro.settings) },
    idTokenFor: (person) => miro.idTokenFor(person),
    expireAccessToken: (accessToken) => miro.tokens.expire(accessToken, miro.now()),
    reset: () => { miro.reset() },
    async close () {
      miro.faults.reset()
      await listener.close()
      await server.close()
    }
  }
}
