import type { Optional } from '../optional.js'
import { createOpaqueToken } from '../identifiers.js'
import type { Ledger } from './ledger.js'
import { findDeath, type LedgerEntry, WritableLedger, type OpenRequest } from './writable-ledger.js'
import type { DeathCause, Refusal } from './ledger-records.js'
import type { TokenModel, TokenModelOptions } from './token-model.js'
import { createTokenPair, defaultAccessSeconds, type Subject, type TokenPair } from './token-pair.js'
import { defaultRules, type TokenRules } from './token-rules.js'
import type { TokenValues } from './token-values.js'

/** Creates the token model that the emulator runs on, for tests that need its rules without its sockets. */
export function createTokenModel (rules: Optional<TokenRules> = {}, options: TokenModelOptions = {}): TokenModel {
  const { reuse = defaultRules.reuse, reconnect = defaultRules.reconnect, revoke = defaultRules.revoke } = rules
  return new Tokens({ reuse, reconnect, revoke }, options)
}

interface Origin {
  expiring: boolean
  /** The pair that is spent on the new one, or null for a code exchange. */
  spent: LedgerEntry | null
}

class Tokens implements TokenModel {
  rules: Readonly<TokenRules>
  accessSeconds = defaultAccessSeconds
  readonly #ledger: WritableLedger
  readonly #values: TokenValues
  #lastPair = 0

  constructor (rules: TokenRules, { values = createOpaqueToken, remembered = 10_000 }: TokenModelOptions) {
    this.rules = rules
    this.#values = values
    this.#ledger = new WritableLedger(remembered)
  }

  get ledger (): Ledger {
    return this.#ledger
  }

  exchange (subject: Subject, { now, expiring }: { now: number, expiring: boolean }): TokenPair {
    const request = this.#ledger.openRequest('exchange', now)
    if (this.rules.reconnect === 'replace') {
      const { clientId, userId, teamId } = subject
      const earlier = this.#ledger.liveEntries({ clientId, userId, teamId }, now)
      for (const entry of earlier) end(entry, 'replaced', request)
    }
    return this.#give(request, subject, { expiring, spent: null })
  }

  refresh (refreshToken: string, { clientId, now }: { clientId: string, now: number }): TokenPair | undefined {
    const entry = this.#findByRefreshToken(refreshToken)
    const request = this.#ledger.openRequest('refresh', now, entry)
    if (entry === undefined || entry.pair.clientId !== clientId) {
      return refuse(request, entry === undefined ? 'unknown' : 'foreign')
    }
    const death = findDeath(entry, now)
    if (death !== null) {
      if (death.cause === 'rotated') this.#reuse(entry, request)
      return refuse(request, death.cause)
    }
    end(entry, 'rotated', request)
    return this.#give(request, entry.pair, { expiring: true, spent: entry })
  }

  interrupt (refreshToken: string, now: number): void {
    refuse(this.#ledger.openRequest('refresh', now, this.#findByRefreshToken(refreshToken)), 'interrupted')
  }

  find (accessToken: string, now: number): TokenPair | undefined {
    return this.#findUsable(accessToken, now)?.pair
  }

  revoke (accessToken: string, now: number): boolean {
    const entry = this.#findUsable(accessToken, now)
    const request = this.#ledger.openRequest('revoke', now, this.#ledger.find(accessToken))
    if (entry === undefined) {
      refuse(request, this.#whyUnusable(accessToken, now))
      return false
    }
    const { clientId, userId } = entry.pair
    const ended = this.rules.revoke === 'user' ? this.#ledger.liveEntries({ clientId, userId }, now) : [entry]
    for (const each of ended) end(each, 'revoked', request)
    return true
  }

  expire (accessToken: string, now: number): boolean {
    const entry = this.#findUsable(accessToken, now)
    if (entry === undefined) return false
    const request = this.#ledger.openRequest('expire', now, entry)
    if (entry.pair.refreshToken === null) end(entry, 'expired', request)
    else entry.record.endedEarly = true
    return true
  }

  countLive (now: number): number {
    return this.#ledger.live({}, now).length
  }

  clear (): void {
    this.#ledger.clear()
  }

  #findByRefreshToken (token: string): LedgerEntry | undefined {
    const entry = this.#ledger.find(token)
    return entry?.pair.refreshToken === token ? entry : undefined
  }

  #findUsable (accessToken: string, now: number): LedgerEntry | undefined {
    const entry = this.#ledger.find(accessToken)
    if (entry?.pair.accessToken !== accessToken || entry.record.endedEarly) return undefined
    return entry.record.death === null && now < entry.pair.accessExpiresAt ? entry : undefined
  }

  #whyUnusable (accessToken: string, now: number): Refusal {
    const entry = this.#ledger.find(accessToken)
    if (entry?.pair.accessToken !== accessToken) return 'unknown'
    return findDeath(entry, now)?.cause ?? 'expired'
  }

  /** Reuse detection: what the rules say about a spent refresh token that is presented again. */
  #reuse ({ pair }: LedgerEntry, request: OpenRequest): void {
    if (this.rules.reuse === 'refuse') return
    const { clientId, userId, teamId, family } = pair
    const alive = this.#ledger.liveEntries({ clientId, userId, teamId }, request.at)
    for (const each of alive) if (each.pair.family === family) end(each, 'reused', request)
  }

  #give (request: OpenRequest, subject: Subject, { expiring, spent }: Origin): TokenPair {
    const id = ++this.#lastPair
    const pair = createTokenPair(subject, {
      id,
      family: spent?.pair.family ?? id,
      now: request.at,
      expiring,
      accessSeconds: this.accessSeconds,
      values: this.#values
    })
    request.gave = id
    this.#ledger.addPair(pair, { refreshOf: spent?.pair.id ?? null, givenBy: request.id, givenAt: request.at })
    return pair
  }
}

function end ({ pair, record }: LedgerEntry, cause: DeathCause, request: OpenRequest): void {
  record.death = { cause, at: request.at, by: request.id }
  request.ended.push(pair.id)
}

function refuse (request: OpenRequest, reason: Refusal): undefined {
  request.refused = reason
}
