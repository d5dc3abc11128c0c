import type { Ledger, PairRecord, TokenRequestRecord } from '@miro-oauth/emulator'
import { hashRefreshToken } from '../stores/core-record.js'

/** A request to the token endpoint, and the process that sent it. Instants are epoch milliseconds of the machine. */
export interface TokenRequest {
  /** The sender's process id and a number, from the request's header. */
  readonly id: string
  readonly process: string
  readonly kind: 'exchange' | 'refresh'
  /** The pair whose refresh token it presented. */
  readonly presented: number | null
  readonly arrivedAt: number
  /** When Miro acted on it. */
  decidedAt: number | null
  /** The pair that it was given. */
  gave: number | null
  /** The fault that lost its answer after Miro had acted. */
  answerLost: string | null
  /** How long a fault delays its answer after Miro has acted. */
  answerDelayMs: number
}

/** A token pair of the ledger, and whether it reached the store. */
export interface Pair {
  readonly record: PairRecord
  /** The request that gave it. */
  readonly request: TokenRequest | undefined
  /** When a process first saw it in the store, or null. */
  storedAt: number | null
}

interface Decision {
  at: number
  /** The status of Miro's own answer. */
  status: number
}

/**
 * Every request to the token endpoint, with its sender, and every token pair that was given.
 *
 * The emulator's ledger forgets old dead pairs. This log keeps their records, which go on showing what ended each pair.
 */
export class RequestLog {
  readonly requests: TokenRequest[] = []
  readonly #ledger: Ledger
  readonly #byId = new Map<string, TokenRequest>()
  readonly #byLedgerId = new Map<number, TokenRequest>()
  readonly #pairs = new Map<number, Pair>()
  readonly #byUser = new Map<string, Pair[]>()
  readonly #byTokenHash = new Map<string, Pair>()

  constructor (ledger: Ledger) {
    this.#ledger = ledger
  }

  request (id: string): TokenRequest | undefined {
    return this.#byId.get(id)
  }

  requestByLedgerId (ledgerId: number | null): TokenRequest | undefined {
    return ledgerId === null ? undefined : this.#byLedgerId.get(ledgerId)
  }

  pair (id: number | null): Pair | undefined {
    return id === null ? undefined : this.#pairs.get(id)
  }

  /** All pairs that a user was ever given, the oldest first. */
  pairsOf (userId: string): readonly Pair[] {
    return this.#byUser.get(userId) ?? []
  }

  pairByToken (refreshToken: string): Pair | undefined {
    return this.pair(this.#ledger.pairOf(refreshToken)?.id ?? null) ?? this.pairByHash(hashRefreshToken(refreshToken))
  }

  pairByHash (refreshTokenHash: string): Pair | undefined {
    return this.#byTokenHash.get(refreshTokenHash)
  }

  recordArrival (request: TokenRequest, refreshToken: string | null): void {
    this.requests.push(request)
    this.#byId.set(request.id, request)
    if (request.presented === null || refreshToken === null) return
    const pair = this.#pairs.get(request.presented)
    if (pair !== undefined) this.#byTokenHash.set(hashRefreshToken(refreshToken), pair)
  }

  /**
   * Records Miro's decision on a request. It takes the ledger's last entry for that of this request, so it must be
   * called in the same turn of the event loop in which Miro acted.
   */
  recordDecision (request: TokenRequest, refreshToken: string | null, { at, status }: Decision): void {
    request.decidedAt = at
    // The ledger has no entry for a refused exchange.
    const entry = request.kind === 'exchange' && status !== 200 ? undefined : this.#lastEntry(request, refreshToken)
    if (entry === undefined) return
    this.#byLedgerId.set(entry.id, request)
    request.gave = entry.gave
    const record = this.#ledger.pairs().findLast(({ id }) => id === entry.gave)
    if (record !== undefined) this.#addPair({ record, request, storedAt: null })
  }

  /** Records that a process saw this refresh token in the store. */
  recordStored (refreshToken: string, at: number): void {
    const pair = this.pairByToken(refreshToken)
    if (pair === undefined) return
    pair.storedAt ??= at
    this.#byTokenHash.set(hashRefreshToken(refreshToken), pair)
  }

  #lastEntry ({ kind }: TokenRequest, refreshToken: string | null): TokenRequestRecord | undefined {
    if (kind === 'refresh') return this.#ledger.requestsFor(refreshToken ?? '').at(-1)
    return this.#ledger.requests().findLast((entry) => entry.kind === 'exchange')
  }

  #addPair (pair: Pair): void {
    this.#pairs.set(pair.record.id, pair)
    const { userId } = pair.record
    this.#byUser.set(userId, [...this.#byUser.get(userId) ?? [], pair])
  }
}
