import type { ShiftedClock } from './clock.js'
import { Directory, type Person } from './seed/directory.js'
import { CreditBudget } from './wire/rate-limit.js'
import { RequestLog } from './wire/request-log.js'
import { issueIdToken } from './sdk/id-token.js'
import type { CompleteSeed, RegisteredApp } from './seed/seed.js'
import type { Settings } from './settings.js'
import { DeliveryTracker } from './wire/delivery-tracker.js'
import { Boards } from './boards/boards.js'
import { Codes } from './oauth/codes.js'
import { Installations } from './oauth/installations.js'
import { toTeamRoles } from './members/role.js'
import { Uploads } from './uploads/uploads.js'
import { Faults } from './faults/faults.js'
import type { TokenModel } from './model/token-model.js'
import { createTokenModel } from './model/tokens.js'

/** The state that `reset` replaces as a whole. */
interface MiroState {
  codes: Codes
  installations: Installations
  boards: Boards
  uploads: Uploads
  budget: CreditBudget
}

export interface MiroOptions {
  seed: CompleteSeed
  settings: Settings
  clock: ShiftedClock
  miroClock: ShiftedClock
}

/** The state of the emulated Miro, without its HTTP. */
export class Miro {
  app: RegisteredApp
  readonly directory: Directory
  readonly log = new RequestLog()
  readonly clock: ShiftedClock
  readonly miroClock: ShiftedClock
  readonly tokens: TokenModel = createTokenModel()
  readonly deliveries = new DeliveryTracker(this.tokens.ledger)
  readonly faults = new Faults()
  /** The origin of the emulator; empty until it listens. */
  url = ''
  readonly #seed: CompleteSeed
  readonly #initial: Settings
  #settings: Settings
  #state: MiroState

  constructor ({ seed, settings, clock, miroClock }: MiroOptions) {
    this.app = seed.app
    this.#initial = settings
    this.#settings = settings
    this.settings = settings
    this.directory = new Directory(seed)
    this.clock = clock
    this.miroClock = miroClock
    this.#seed = seed
    this.#state = this.#seedState()
  }

  get state (): MiroState {
    return this.#state
  }

  get settings (): Settings {
    return this.#settings
  }

  set settings (settings: Settings) {
    this.#settings = settings
    this.tokens.rules = settings.rules
    this.tokens.accessSeconds = settings.accessTokenSeconds
  }

  now (): number {
    return this.miroClock.now()
  }

  /** @throws {EmulatorMembershipError} the user is not a member of the team, or one of the two does not exist */
  idTokenFor (person: Person): string {
    const { app, directory, settings } = this
    return issueIdToken(person, { app, directory, settings: settings.idToken, now: this.now() })
  }

  reset (): void {
    this.app = this.#seed.app
    this.settings = this.#initial
    this.faults.reset()
    this.miroClock.reset()
    this.log.clear()
    this.tokens.clear()
    this.#state = this.#seedState()
  }

  #seedState (): MiroState {
    const rolesOf = (teamId: string, ownerId: string) => toTeamRoles(this.directory.membersOf(teamId), ownerId)
    return {
      codes: new Codes(),
      installations: new Installations(),
      boards: new Boards(this.#seed.boards, this.now(), rolesOf),
      uploads: new Uploads(),
      budget: new CreditBudget(() => this.settings.creditsPerMinute)
    }
  }
}
