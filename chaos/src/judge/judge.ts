import type { Fleet } from '../fleet/fleet.js'
import type { RequestLog } from '../miro/request-log.js'
import type { PersonState } from '../people/person-state.js'
import type { StoredGrant } from '../stores/core-record.js'
import type { OpenStore } from '../stores/open-store.js'
import { readStoredGrant } from '../stores/stored-grant.js'
import type { SubjectName } from '../subjects/subject-name.js'
import { machineNow } from '../time.js'
import type { Facts, ResolvedGrant } from './facts.js'
import { judgeGrant } from './judge-grant.js'
import type { JudgeLimits } from './judge-limits.js'
import { writeTimeline } from './timeline.js'
import type { Verdict } from './verdict.js'

interface JudgeOptions {
  /** The driver's own connection to the store, which no fault cuts. */
  driverStore: OpenStore
  subject: SubjectName
  clientId: string
  requestLog: RequestLog
  fleet: Fleet
  limits: JudgeLimits
  /** When the store was last started again. */
  storeUpSince: () => number
}

/** Collects the facts for a verdict: from the store, from Miro's ledger, and from what was done to the processes. */
export class Judge {
  readonly #options: JudgeOptions
  readonly #beganAt = machineNow()

  constructor (options: JudgeOptions) {
    this.#options = options
  }

  async verdictOn (state: PersonState): Promise<Verdict> {
    return judgeGrant(await this.#collectFacts(state))
  }

  /** All known events of a person's grant, to explain a verdict. */
  timeline ({ person: { userId } }: PersonState): string {
    const { requestLog, fleet } = this.#options
    return writeTimeline({ requestLog, userId, lifetimes: fleet.members, from: this.#beganAt })
  }

  /** The refresh tokens of all grants that are leased now. */
  async leasedTokens (states: readonly PersonState[]): Promise<string[]> {
    const grants = await Promise.all(states.map((state) => this.#read(state)))
    return grants.flatMap((grant) => grant.state === 'active' && grant.isLeased ? [grant.refreshToken] : [])
  }

  /** Reads the store before the rest, so that every other fact is at least as new as what the store held. */
  async #collectFacts (state: PersonState): Promise<Facts> {
    const { requestLog, fleet, limits, storeUpSince } = this.#options
    const grant = await this.#read(state)
    const { person: { userId }, disconnectedAt, family } = state
    return {
      userId,
      expected: disconnectedAt === null ? { state: 'connected', family } : { state: 'disconnected' },
      stored: this.#resolve(grant),
      pairs: requestLog.pairsOf(userId),
      requestOf: (id) => requestLog.requestByLedgerId(id),
      pairOf: (id) => requestLog.pair(id),
      lifetimeOf: (process) => fleet.members.get(process),
      now: machineNow(),
      storeUpSince: storeUpSince(),
      limits
    }
  }

  #read ({ person }: PersonState): Promise<StoredGrant> {
    return readStoredGrant(this.#options.driverStore, this.#options, person)
  }

  /** Looks up the pair that the stored token belongs to. */
  #resolve (grant: StoredGrant): ResolvedGrant {
    const { requestLog } = this.#options
    switch (grant.state) {
      case 'active': return { state: 'active', pair: requestLog.pairByToken(grant.refreshToken) }
      case 'rejected': return { state: 'rejected', pair: requestLog.pairByHash(grant.refreshTokenHash) }
      default: return grant
    }
  }
}
