import type { ShiftedClock } from './clock.js'
import { Directory } from './seed/directory.js'
import { CreditBudget } from './wire/rate-limit.js'
import { RequestLog } from './wire/request-log.js'
import type { CompleteSeed, RegisteredApp } from './seed/seed.js'
import type { Settings } from './settings.js'
import { Boards } from './boards/boards.js'
import { Codes } from './oauth/codes.js'
import { Installations } from './oauth/installations.js'
import type { TokenModel } from './model/token-model.js'
import { createTokenModel } from './model/tokens.js'

/** The parts of the emulated Miro that change while it runs. */
interface MiroState {
  codes: Codes
  installations: Installations
  boards: Boards
  budget: CreditBudget
}

export interface MiroOptions {
  seed: CompleteSeed
  settings: Settings
  clock: ShiftedClock
  miroClock: ShiftedClock
}

/** The emulated Miro without its HTTP: what it knows, and the time it goes by. */
export class Miro {
  readonly app: RegisteredApp
  readonly settings: Settings
  readonly directory: Directory
  readonly log = new RequestLog()
  readonly clock: ShiftedClock
  readonly miroClock: ShiftedClock
  readonly tokens: TokenModel = createTokenModel()
  /** The origin it is reached at; known once it listens. */
  url = ''
  readonly #seed: CompleteSeed
  #state: MiroState

  constructor ({ seed, settings, clock, miroClock }: MiroOptions) {
    this.app = seed.app
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

  now (): number {
    return this.miroClock.now()
  }

  reset (): void {
    this.miroClock.reset()
    this.log.clear()
    this.tokens.clear()
    this.#state = this.#seedState()
  }

  #seedState (): MiroState {
    return {
      codes: new Codes(),
      installations: new Installations(),
      boards: new Boards(this.#seed.boards, this.now()),
      budget: new CreditBudget(this.settings.creditsPerMinute)
    }
  }
}
