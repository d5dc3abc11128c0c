import type { Ledger, PairRecord, TokenRequestRecord } from '@miro-oauth/emulator'
import { hashRefreshToken } from '../stores/core-record.js'

/** A request to the token endpoint, and who sent it. Instants are epoch milliseconds of the machine. */
export interface TokenRequest {
  readonly id: string
  /** The process that sent it: one life of one worker. */
  readonly process: string
  readonly kind: 'exchange' | 'refresh'
  /** The pair whose refresh token it presented. */
  readonly presented: number | null
  readonly arrivedAt: number
  /** When Miro acted on it. */
  decidedAt: number | null
  gave: number | null
  /** What a fault did to its answer after Miro had acted. */
  answerLost: string | null
  /** How long its answer was held back, after Miro had acted. */
  heldMs: number
}

/** A pair of the ledger, with what became of it on our side. */
export interface Pair {
  readonly record: PairRecord
  /** The request that gave it. */
  readonly request: TokenRequest | undefined
  /** When a process first knew it in the store, or null. */
  storedAt: number | null
}

/**
 * All that was asked of the token endpoint, by whom, and all pairs that were given. The ledger forgets the dead; this does
 * not, and its records go on telling what becomes of their pairs.
 */
export class RequestLog {
  readonly requests: TokenRequest[] = []
  readonly #ledger: Ledger
  readonly #byId = new Map<string, TokenRequest>()
  readonly #byLedgerId = new Map<number, TokenRequest>()
  readonly #pairs = new Map<number, Pair>()
  readonly #pairsOf = new Map<string, Pair[]>()
  readonly #byTokenHash = new Map<string, Pair>()

  constructor (ledger: Ledger) {
    this.#ledger = ledger
  }

  request (id: string): TokenRequest | undefined {
    return this.#byId.get(id)
  }

  /** The request that the ledger knows by this number. */
  requestByLedgerId (ledgerId: number | null): TokenRequest | undefined {
    return ledgerId === null ? undefined : this.#byLedgerId.get(ledgerId)
  }

  pair (id: number | null): Pair | undefined {
    return id === null ? undefined : this.#pairs.get(id)
  }

  /** Everything that somebody was ever given, the oldest first. */
  pairsOf (userId: string): readonly Pair[] {
    return this.#pairsOf.get(userId) ?? []
  }

  pairByToken (refreshToken: string): Pair | undefined {
    return this.#pairs.get(this.#ledger.pairOf(refreshToken)?.id ?? 0) ?? this.pairByHash(hashRefreshToken(refreshToken))
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

  /** Miro has just acted on a request: in the same turn, so the ledger's last entry is about it. */
  recordDecision (request: TokenRequest, refreshToken: string | null, { at, status }: { at: number, status: number }): void {
    request.decidedAt = at
    // A refused exchange is none of the ledger's.
    const entry = request.kind === 'exchange' && status !== 200 ? undefined : this.#entryFor(request, refreshToken)
    if (entry === undefined) return
    this.#byLedgerId.set(entry.id, request)
    request.gave = entry.gave
    const record = this.#ledger.pairs().findLast(({ id }) => id === entry.gave)
    if (record !== undefined) this.#keep({ record, request, storedAt: null })
  }

  recordStored (refreshToken: string, at: number): void {
    const pair = this.pairByToken(refreshToken)
    if (pair === undefined) return
    pair.storedAt ??= at
    this.#byTokenHash.set(hashRefreshToken(refreshToken), pair)
  }

  #entryFor ({ kind }: TokenRequest, refreshToken: string | null): TokenRequestRecord | undefined {
    if (kind === 'refresh') return this.#ledger.requestsFor(refreshToken ?? '').at(-1)
    return this.#ledger.requests().findLast((entry) => entry.kind === 'exchange')
  }

  #keep (pair: Pair): void {
    this.#pairs.set(pair.record.id, pair)
    const { userId } = pair.record
    this.#pairsOf.set(userId, [...this.#pairsOf.get(userId) ?? [], pair])
  }
}
