import type { Optional } from '../optional.js'
import type { Ledger } from './ledger.js'
import type { Death, Delivery, PairRecord, TokenRequestRecord } from './ledger-records.js'
import type { Subject, TokenPair } from './token-pair.js'

type Mutable<Record> = { -readonly [Field in keyof Record]: Record[Field] }

/** The record of a request while the model decides about it. */
export type OpenRequest = Mutable<Omit<TokenRequestRecord, 'ended'>> & { readonly ended: number[] }

/** A pair with its tokens, and its public record. */
export interface LedgerEntry {
  readonly pair: TokenPair
  readonly record: Mutable<PairRecord>
}

/** The ledger as the token model writes it. The model keeps no other state, so the two cannot disagree. */
export class WritableLedger implements Ledger {
  readonly #remembered: number
  readonly #entries = new Map<number, LedgerEntry>()
  readonly #byToken = new Map<string, LedgerEntry>()
  #requests: TokenRequestRecord[] = []
  #sweepAt: number
  #lastRequest = 0

  /** @param remembered how many dead pairs, and how many requests, are kept at least */
  constructor (remembered: number) {
    this.#remembered = remembered
    this.#sweepAt = 2 * remembered
  }

  pairs (): readonly PairRecord[] {
    return Array.from(this.#entries.values(), ({ record }) => record)
  }

  requests (): readonly TokenRequestRecord[] {
    return [...this.#requests]
  }

  live (subject: Optional<Omit<Subject, 'scopes'>>, now: number): readonly PairRecord[] {
    return this.liveEntries(subject, now).map(({ record }) => record)
  }

  deathOf ({ id }: { readonly id: number }, now: number): Death | null {
    const entry = this.#entries.get(id)
    return entry === undefined ? null : findDeath(entry, now)
  }

  pairOf (token: string): PairRecord | undefined {
    return this.#byToken.get(token)?.record
  }

  requestsFor (refreshToken: string): readonly TokenRequestRecord[] {
    const entry = this.#byToken.get(refreshToken)
    if (entry?.pair.refreshToken !== refreshToken) return []
    return this.#requests.filter(({ kind, presented }) => kind === 'refresh' && presented === entry.pair.id)
  }

  delivered ({ id }: { readonly id: number }, delivery: Delivery): void {
    const record = this.#entries.get(id)?.record
    if (record?.delivery === 'pending') record.delivery = delivery
  }

  /** Every live pair of a subject, with its tokens. */
  liveEntries (subject: Optional<Omit<Subject, 'scopes'>>, now: number): LedgerEntry[] {
    const entries = [...this.#entries.values()]
    return entries.filter((entry) => findDeath(entry, now) === null && belongsTo(entry, subject))
  }

  find (token: string): LedgerEntry | undefined {
    return this.#byToken.get(token)
  }

  addPair (pair: TokenPair, given: Pick<PairRecord, 'refreshOf' | 'givenBy' | 'givenAt'>): void {
    const { id, family, clientId, userId, teamId, scopes } = pair
    const origin = { id, family, clientId, userId, teamId, scopes, ...given }
    const entry: LedgerEntry = { pair, record: { ...origin, delivery: 'pending', endedEarly: false, death: null } }
    this.#entries.set(id, entry)
    for (const token of tokensOf(pair)) this.#byToken.set(token, entry)
    if (this.#entries.size > this.#sweepAt) this.#forgetDead(given.givenAt)
  }

  /** Adds the record of a request. The model fills in the rest when it has decided. */
  openRequest (kind: TokenRequestRecord['kind'], at: number, presented?: LedgerEntry): OpenRequest {
    const presentedId = presented?.pair.id ?? null
    const request = { id: ++this.#lastRequest, kind, at, presented: presentedId, gave: null, refused: null, ended: [] }
    this.#requests.push(request)
    if (this.#requests.length > 2 * this.#remembered) this.#requests = this.#requests.slice(-this.#remembered)
    return request
  }

  clear (): void {
    this.#entries.clear()
    this.#byToken.clear()
    this.#requests = []
    this.#sweepAt = 2 * this.#remembered
  }

  /** Not called for every pair: each sweep looks through all pairs, so that n sweeps would take n² steps. */
  #forgetDead (now: number): void {
    const dead = [...this.#entries.values()].filter((entry) => findDeath(entry, now) !== null)
    for (const { pair } of dead.slice(0, Math.max(0, dead.length - this.#remembered))) {
      this.#entries.delete(pair.id)
      for (const token of tokensOf(pair)) this.#byToken.delete(token)
    }
    this.#sweepAt = this.#entries.size + this.#remembered
  }
}

/** What ended a pair, its expiry included; null while it can be used or refreshed. */
export function findDeath ({ pair, record }: LedgerEntry, now: number): Death | null {
  if (record.death !== null || now < pair.refreshExpiresAt) return record.death
  return { cause: 'expired', at: pair.refreshExpiresAt, by: null }
}

function belongsTo ({ pair }: LedgerEntry, subject: Optional<Subject>): boolean {
  const names = ['clientId', 'userId', 'teamId'] as const
  return names.every((name) => subject[name] === undefined || subject[name] === pair[name])
}

function tokensOf ({ accessToken, refreshToken }: TokenPair): string[] {
  return refreshToken === null ? [accessToken] : [accessToken, refreshToken]
}
