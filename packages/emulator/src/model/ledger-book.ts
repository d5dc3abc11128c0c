import type { Ledger } from './ledger.js'
import type { Death, Delivery, PairRecord, TokenRequestRecord } from './ledger-records.js'
import type { Subject, TokenPair } from './token-pair.js'

type Mutable<Record> = { -readonly [Field in keyof Record]: Record[Field] }

/** A request while it is decided. */
export type OpenRequest = Mutable<Omit<TokenRequestRecord, 'ended'>> & { readonly ended: number[] }

/** A pair with its tokens, and what the ledger shows of it. */
export interface Holding {
  readonly pair: TokenPair
  readonly record: Mutable<PairRecord>
}

/** The ledger with its writing side. The token model keeps no other state, so the two cannot differ. */
export class LedgerBook implements Ledger {
  readonly #remembered: number
  readonly #holdings = new Map<number, Holding>()
  readonly #byToken = new Map<string, Holding>()
  #requests: TokenRequestRecord[] = []
  #sweepAt: number
  #lastRequest = 0

  /** @param remembered how many dead pairs, and how many requests, are kept at least */
  constructor (remembered: number) {
    this.#remembered = remembered
    this.#sweepAt = 2 * remembered
  }

  pairs (): readonly PairRecord[] {
    return Array.from(this.#holdings.values(), ({ record }) => record)
  }

  requests (): readonly TokenRequestRecord[] {
    return [...this.#requests]
  }

  live (subject: Partial<Omit<Subject, 'scopes'>>, now: number): readonly PairRecord[] {
    return this.holdings(subject, now).map(({ record }) => record)
  }

  deathOf ({ id }: { readonly id: number }, now: number): Death | null {
    const holding = this.#holdings.get(id)
    return holding === undefined ? null : findDeath(holding, now)
  }

  pairOf (token: string): PairRecord | undefined {
    return this.#byToken.get(token)?.record
  }

  requestsFor (refreshToken: string): readonly TokenRequestRecord[] {
    const holding = this.#byToken.get(refreshToken)
    if (holding?.pair.refreshToken !== refreshToken) return []
    return this.#requests.filter(({ kind, presented }) => kind === 'refresh' && presented === holding.pair.id)
  }

  delivered ({ id }: { readonly id: number }, delivery: Delivery): void {
    const record = this.#holdings.get(id)?.record
    if (record?.delivery === 'pending') record.delivery = delivery
  }

  /** Every live pair of a subject, with its tokens. */
  holdings (subject: Partial<Omit<Subject, 'scopes'>>, now: number): Holding[] {
    return [...this.#holdings.values()].filter((holding) => findDeath(holding, now) === null && belongsTo(holding, subject))
  }

  find (token: string): Holding | undefined {
    return this.#byToken.get(token)
  }

  give (pair: TokenPair, given: Pick<PairRecord, 'refreshOf' | 'givenBy' | 'givenAt'>): void {
    const { id, family, clientId, userId, teamId, scopes } = pair
    const record = { id, family, clientId, userId, teamId, scopes, ...given, delivery: 'pending', endedEarly: false, death: null } as const
    const holding = { pair, record: { ...record } }
    this.#holdings.set(id, holding)
    for (const token of tokensOf(pair)) this.#byToken.set(token, holding)
    if (this.#holdings.size > this.#sweepAt) this.#forgetDead(given.givenAt)
  }

  /** Opens the record of a request; whoever decides about it writes the rest. */
  ask (kind: TokenRequestRecord['kind'], at: number, presented?: Holding): OpenRequest {
    const request = { id: ++this.#lastRequest, kind, at, presented: presented?.pair.id ?? null, gave: null, refused: null, ended: [] }
    this.#requests.push(request)
    if (this.#requests.length > 2 * this.#remembered) this.#requests = this.#requests.slice(-this.#remembered)
    return request
  }

  clear (): void {
    this.#holdings.clear()
    this.#byToken.clear()
    this.#requests = []
    this.#sweepAt = 2 * this.#remembered
  }

  /** Now and then instead of at every pair: looking through all of them each time would make n pairs cost n². */
  #forgetDead (now: number): void {
    const dead = [...this.#holdings.values()].filter((holding) => findDeath(holding, now) !== null)
    for (const { pair } of dead.slice(0, Math.max(0, dead.length - this.#remembered))) {
      this.#holdings.delete(pair.id)
      for (const token of tokensOf(pair)) this.#byToken.delete(token)
    }
    this.#sweepAt = this.#holdings.size + this.#remembered
  }
}

/** What ended a pair, its own time included; null while it can be used or refreshed. */
export function findDeath ({ pair, record }: Holding, now: number): Death | null {
  if (record.death !== null || now < pair.refreshExpiresAt) return record.death
  return { cause: 'expired', at: pair.refreshExpiresAt, by: null }
}

function belongsTo ({ pair }: Holding, wanted: Partial<Subject>): boolean {
  return (['clientId', 'userId', 'teamId'] as const).every((name) => wanted[name] === undefined || wanted[name] === pair[name])
}

function tokensOf ({ accessToken, refreshToken }: TokenPair): string[] {
  return refreshToken === null ? [accessToken] : [accessToken, refreshToken]
}
