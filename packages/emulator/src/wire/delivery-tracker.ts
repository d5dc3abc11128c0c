import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Ledger } from '../model/ledger.js'
import type { Delivery } from '../model/ledger-records.js'
import type { TokenPair } from '../model/token-pair.js'

/** Watches the sockets of the answers that give token pairs, and records in the ledger what became of each. */
export class DeliveryTracker {
  readonly #ledger: Ledger
  readonly #pairs = new WeakMap<FastifyRequest, TokenPair>()

  constructor (ledger: Ledger) {
    this.#ledger = ledger
  }

  /** Called by the route whose answer gives `pair`. */
  track (reply: FastifyReply, pair: TokenPair): void {
    const { raw, request } = reply
    this.#pairs.set(request, pair)
    // The app may have hung up while a delay held its request. Then `close` was emitted before this listener.
    if (raw.destroyed) this.record(request, 'dropped')
    raw.once('finish', () => { this.record(request, 'written') })
    raw.once('close', () => { this.record(request, raw.headersSent ? 'cut' : 'dropped') })
  }

  /** Records the delivery of the answer to `request`, if it gives a pair. Only the first call counts. */
  record (request: FastifyRequest, delivery: Delivery): void {
    const pair = this.#pairs.get(request)
    if (pair !== undefined) this.#ledger.delivered(pair, delivery)
  }
}
