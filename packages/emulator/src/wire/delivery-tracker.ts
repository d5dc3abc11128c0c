import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Ledger } from '../model/ledger.js'
import type { Delivery } from '../model/ledger-records.js'
import type { TokenPair } from '../model/token-pair.js'

/** Tells the ledger what became, on the socket, of the answers that gave token pairs. */
export class DeliveryTracker {
  readonly #ledger: Ledger
  readonly #pairs = new WeakMap<FastifyRequest, TokenPair>()

  constructor (ledger: Ledger) {
    this.#ledger = ledger
  }

  /** To be called by the route that gives `pair` in its answer. */
  track (reply: FastifyReply, pair: TokenPair): void {
    const { raw, request } = reply
    this.#pairs.set(request, pair)
    // The app may have hung up while its request was held: then `close` was long ago.
    if (raw.destroyed) this.record(request, 'dropped')
    raw.once('finish', () => { this.record(request, 'written') })
    raw.once('close', () => { this.record(request, raw.headersSent ? 'cut' : 'dropped') })
  }

  /** What a fault did to the answer of `request`; nothing, if that gave no pair. */
  record (request: FastifyRequest, delivery: Delivery): void {
    const pair = this.#pairs.get(request)
    if (pair !== undefined) this.#ledger.delivered(pair, delivery)
  }
}
