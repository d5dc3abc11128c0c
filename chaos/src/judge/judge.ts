import type { Fleet } from '../fleet/fleet.js'
import type { SubjectName } from '../fleet/messages.js'
import type { RequestLog } from '../miro/request-log.js'
import type { Standing } from '../people/standing.js'
import type { StoredGrant } from '../stores/core-record.js'
import type { OpenStore } from '../stores/open-store.js'
import { readStoredGrant } from '../stores/stored-grant.js'
import { machineNow } from '../time.js'
import type { JudgeLimits, ResolvedGrant } from './facts.js'
import { writeTimeline } from './timeline.js'
import { judgeGrant } from './judge-grant.js'
import type { Verdict } from './verdict.js'

interface JudgeOptions {
  /** The driver's own way to the store, which nobody cuts. */
  own: OpenStore
  subject: SubjectName
  clientId: string
  requestLog: RequestLog
  fleet: Fleet
  limits: JudgeLimits
  /** When the store was last started again. */
  storeUpSince: () => number
}

/** Brings everything together that a verdict goes by: the store, the ledger, and what was done to the processes. */
export class Judge {
  readonly #options: JudgeOptions
  readonly #beganAt = machineNow()

  constructor (options: JudgeOptions) {
    this.#options = options
  }

  async verdictOn (standing: Standing): Promise<Verdict> {
    const grant = await this.#read(standing)
    const { requestLog, fleet, limits, storeUpSince } = this.#options
    return judgeGrant({
      userId: standing.person.userId,
      expects: standing.disconnectedAt === null ? { state: 'connected', family: standing.family } : { state: 'disconnected' },
      stored: this.#resolve(grant),
      pairs: requestLog.pairsOf(standing.person.userId),
      requestOf: (id) => requestLog.requestByLedgerId(id),
      pairOf: (id) => requestLog.pair(id),
      lifeOf: (process) => fleet.members.get(process),
      now: machineNow(),
      storeUpSince: storeUpSince(),
      limits
    })
  }

  /** All that is known of somebody, for the reader of a verdict. */
  timeline ({ person: { userId } }: Standing): string {
    return writeTimeline({ requestLog: this.#options.requestLog, userId, lives: this.#options.fleet.members, from: this.#beganAt })
  }

  /** The refresh tokens of all grants that are leased now. */
  async leasedTokens (standings: readonly Standing[]): Promise<string[]> {
    const grants = await Promise.all(standings.map((standing) => this.#read(standing)))
    return grants.flatMap((grant) => grant.state === 'active' && grant.isLeased ? [grant.refreshToken] : [])
  }

  #read ({ person }: Standing): Promise<StoredGrant> {
    return readStoredGrant(this.#options.own, this.#options, person)
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
