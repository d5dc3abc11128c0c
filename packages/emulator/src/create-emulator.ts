import type { RequestListener } from 'node:http'
import { createMiroClock, createShiftedClock, systemClock } from './clock.js'
import type { Emulator } from './emulator.js'
import { listenOn, listenOnLoopback } from './listen.js'
import { Miro } from './miro.js'
import { answerAuthorizePage } from './oauth/authorize-as.js'
import { issueTokens } from './oauth/issue-tokens.js'
import { toAppFormLink } from './pages/app-form-link.js'
import { completeSeed } from './seed/default-seed.js'
import { withSecret } from './seed/seed-check.js'
import { createServer } from './server.js'
import {
  type EmulatorOptions, readAddress, readPort, readSettings, requireKnownOptions, requireKnownSwitches
} from './settings.js'

/**
 * Starts a local stand-in for Miro.
 *
 * @throws {EmulatorOptionError} an option is not known, or has an invalid value
 * @throws the error of `listen`, such as EADDRINUSE for a port that is taken
 */
export async function createEmulator (options: EmulatorOptions = {}): Promise<Emulator> {
  requireKnownOptions(options)
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

  const close = async (): Promise<void> => {
    miro.faults.reset()
    await listener.close()
    await server.close()
  }

  return toEmulator(miro, close)
}

function toEmulator (miro: Miro, close: () => Promise<void>): Emulator {
  return {
    url: miro.url,
    authorizeUrl: `${miro.url}/oauth/authorize`,
    apiUrl: miro.url,
    clock: miro.clock,
    miroClock: miro.miroClock,
    log: miro.log.entries,
    endpoints: { authorizeUrl: `${miro.url}/oauth/authorize`, apiUrl: miro.url },
    people: miro.directory.users(),
    teams: miro.directory.teams(),
    get app () { return miro.app },
    get appFormLink () { return toAppFormLink(miro.app) },
    ledger: miro.tokens.ledger,
    faults: {
      add: (fault) => miro.faults.add(fault),
      clear: () => { miro.faults.clear() }
    },
    get settings () { return miro.settings },
    set (switches) {
      requireKnownSwitches(switches)
      miro.settings = readSettings(switches, miro.settings)
    },
    person: (userName, teamName) => miro.directory.person(userName, teamName),
    authorize: (url, person, decision = 'authorize') => answerAuthorizePage(miro, { url, person, decision }),
    issueTokens: (person) => issueTokens(miro, person),
    changeSecret (clientSecret) { miro.app = withSecret(miro.app, clientSecret) },
    idTokenFor: (person) => miro.idTokenFor(person),
    expireAccessToken: (accessToken) => miro.tokens.expire(accessToken, miro.now()),
    reset: () => { miro.reset() },
    close,
    [Symbol.asyncDispose]: close
  }
}
