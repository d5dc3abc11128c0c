import { createOpaqueToken } from '../identifiers.js'
import type { Ledger } from './ledger.js'
import { findDeath, type Holding, LedgerBook, type OpenRequest } from './ledger-book.js'
import type { DeathCause, Refusal } from './ledger-records.js'
import type { TokenModel, TokenModelOptions } from './token-model.js'
import { createTokenPair, defaultAccessSeconds, type Subject, type TokenPair } from './token-pair.js'
import { defaultRules, type TokenRules } from './token-rules.js'
import type { TokenValues } from './token-values.js'

/** The model that the emulator itself runs on, for tests that need its rules without its sockets. */
export function createTokenModel (rules: Partial<TokenRules> = {}, options: TokenModelOptions = {}): TokenModel {
  return new Tokens({ ...defaultRules, ...rules }, options)
}

class Tokens implements TokenModel {
  rules: Readonly<TokenRules>
  accessSeconds = defaultAccessSeconds
  readonly #book: LedgerBook
  readonly #values: TokenValues
  #lastPair = 0

  constructor (rules: TokenRules, { values = createOpaqueToken, remembered = 10_000 }: TokenModelOptions) {
    this.rules = rules
    this.#values = values
    this.#book = new LedgerBook(remembered)
  }

  get ledger (): Ledger {
    return this.#book
  }

  exchange (subject: Subject, { now, expiring }: { now: number, expiring: boolean }): TokenPair {
    const request = this.#book.ask('exchange', now)
    if (this.rules.reconnect === 'replace') {
      const { clientId, userId, teamId } = subject
      for (const earlier of this.#book.holdings({ clientId, userId, teamId }, now)) end(earlier, 'replaced', request)
    }
    return this.#give(request, subject, { expiring, spent: null })
  }

  refresh (refreshToken: string, { clientId, now }: { clientId: string, now: number }): TokenPair | undefined {
    const holding = this.#findByRefreshToken(refreshToken)
    const request = this.#book.ask('refresh', now, holding)
    if (holding === undefined || holding.pair.clientId !== clientId) {
      return refuse(request, holding === undefined ? 'unknown' : 'foreign')
    }
    const death = findDeath(holding, now)
    if (death !== null) {
      if (death.cause === 'rotated') this.#reuse(holding, request)
      return refuse(request, death.cause)
    }
    end(holding, 'rotated', request)
    return this.#give(request, holding.pair, { expiring: true, spent: holding })
  }

  interrupt (refreshToken: string, now: number): void {
    refuse(this.#book.ask('refresh', now, this.#findByRefreshToken(refreshToken)), 'interrupted')
  }

  find (accessToken: string, now: number): TokenPair | undefined {
    return this.#findUsable(accessToken, now)?.pair
  }

  revoke (accessToken: string, now: number): boolean {
    const holding = this.#findUsable(accessToken, now)
    const request = this.#book.ask('revoke', now, this.#book.find(accessToken))
    if (holding === undefined) {
      refuse(request, this.#whyUnusable(accessToken, now))
      return false
    }
    const { clientId, userId } = holding.pair
    const ended = this.rules.revoke === 'user' ? this.#book.holdings({ clientId, userId }, now) : [holding]
    for (const each of ended) end(each, 'revoked', request)
    return true
  }

  expire (accessToken: string, now: number): boolean {
    const holding = this.#findUsable(accessToken, now)
    if (holding === undefined) return false
    const request = this.#book.ask('expire', now, holding)
    if (holding.pair.refreshToken === null) end(holding, 'expired', request)
    else holding.record.endedEarly = true
    return true
  }

  countLive (now: number): number {
    return this.#book.live({}, now).length
  }

  clear (): void {
    this.#book.clear()
  }

  #findByRefreshToken (token: string): Holding | undefined {
    const holding = this.#book.find(token)
    return holding?.pair.refreshToken === token ? holding : undefined
  }

  #findUsable (accessToken: string, now: number): Holding | undefined {
    const holding = this.#book.find(accessToken)
    if (holding?.pair.accessToken !== accessToken || holding.record.endedEarly) return undefined
    return holding.record.death === null && now < holding.pair.accessExpiresAt ? holding : undefined
  }

  #whyUnusable (accessToken: string, now: number): Refusal {
    const holding = this.#book.find(accessToken)
    if (holding?.pair.accessToken !== accessToken) return 'unknown'
    return findDeath(holding, now)?.cause ?? 'expired'
  }

  #reuse ({ pair }: Holding, request: OpenRequest): void {
    if (this.rules.reuse === 'refuse') return
    const { clientId, userId, teamId, family } = pair
    const alive = this.#book.holdings({ clientId, userId, teamId }, request.at)
    for (const each of alive) if (each.pair.family === family) end(each, 'reused', request)
  }

  #give (request: OpenRequest, subject: Subject, { expiring, spent }: { expiring: boolean, spent: Holding | null }): TokenPair {
    const id = ++this.#lastPair
    const pair = createTokenPair(subject, { id, family: spent?.pair.family ?? id, now: request.at, expiring, accessSeconds: this.accessSeconds, values: this.#values })
    request.gave = id
    this.#book.give(pair, { refreshOf: spent?.pair.id ?? null, givenBy: request.id, givenAt: request.at })
    return pair
  }
}

function end ({ pair, record }: Holding, cause: DeathCause, request: OpenRequest): void {
  record.death = { cause, at: request.at, by: request.id }
  request.ended.push(pair.id)
}

function refuse (request: OpenRequest, reason: Refusal): undefined {
  request.refused = reason
}
