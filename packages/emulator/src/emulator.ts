import type { EmulatorClock } from './clock.js'
import type { Fault, FaultOptions } from './faults/fault-options.js'
import type { Ledger } from './model/ledger.js'
import type { IssuedTokens } from './oauth/issue-tokens.js'
import type { Person } from './seed/directory.js'
import type { RegisteredApp, SeedTeam, SeedUser } from './seed/seed.js'
import type { EmulatorSwitches, Settings } from './settings.js'
import type { RecordedRequest } from './wire/request-log.js'

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

/**
 * A running emulator. It has no sign-in: any caller may act as any of its users. It therefore listens on loopback. It
 * does not keep its process alive. `await using` closes it.
 */
export interface Emulator extends AsyncDisposable {
  /** Its origin, `http://localhost:PORT`. */
  readonly url: string
  /** The authorize page, in place of `https://miro.com/oauth/authorize`. */
  readonly authorizeUrl: string
  /** The origin of the API, in place of `https://api.miro.com`. */
  readonly apiUrl: string
  /** Both addresses, as the option `endpoints` of a client takes them. */
  readonly endpoints: Readonly<{ authorizeUrl: string, apiUrl: string }>
  /** The seeded people. */
  readonly people: readonly Readonly<SeedUser>[]
  /** The seeded teams. */
  readonly teams: readonly Readonly<SeedTeam>[]
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
  /**
   * The ids of a seeded person in the team of this name, or in their first one: `person('Ada Lovelace')`.
   *
   * @throws {EmulatorMembershipError} there is no such member of such a team
   */
  person: (userName: string, teamName?: string) => Person
  /**
   * Answers the authorize page as a person who presses "Install & authorize", or `'decline'`.
   *
   * @param url the page's, with the query of the app: where the app redirects a browser that signs in
   * @returns the URL of the callback, with `code` and `state`, to which Miro would send the browser
   * @throws {EmulatorMembershipError} the user is not a member of the team, or one of the two does not exist
   * @throws {EmulatorAuthorizeError} the URL is not of this emulator's authorize page, or the page refused the request
   */
  authorize: (url: string | URL, person: Person, decision?: 'authorize' | 'decline') => Promise<string>
  /**
   * Issues tokens to the app, as if the person had connected, for tests that sign a person in without a browser.
   *
   * @throws {EmulatorMembershipError} the user is not a member of the team, or one of the two does not exist
   */
  issueTokens: (person: Person) => IssuedTokens
  /**
   * Replaces the client secret, as in the settings of the app at Miro: from now on the old one is refused.
   *
   * @throws {EmulatorOptionError} the secret is empty
   */
  changeSecret: (clientSecret: string) => void
  /** Ends a valid access token early; its refresh token stays valid. Returns false if there is no such token. */
  expireAccessToken: (accessToken: string) => boolean
  /**
   * Returns to the start: removes codes, tokens, installations, faults, ledger, log and uploads, restores the seeded
   * boards, the client secret and the switches of the options, sets Miro's clock to the app's, and drops the requests
   * that a delay holds.
   */
  reset: () => void
  /** Stops listening and drops open connections. May be called again. */
  close: () => Promise<void>
}
