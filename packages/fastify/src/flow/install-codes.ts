import type { Clock, GrantRef, Store } from '@miro-oauth/core'
import { RunningWork } from '../running-work.js'
import { flowKey, keepFlowMs } from './flow.js'
import { parseRef } from './stored-ref.js'

/**
 * Makes the codes of installs single use, which have no flow: a repeated request for one that is under way in this
 * process waits for it, and one that was exchanged is remembered by its hash. A code that Miro refuses leaves nothing
 * behind, since anybody can make one up.
 *
 * @see RFC 6749, section 4.1.2: the client must not use an authorization code more than once
 */
export class InstallCodes {
  readonly #store: Store
  readonly #clock: Clock
  readonly #clientId: string
  readonly #running = new RunningWork<GrantRef>()

  constructor ({ store, clock, clientId }: { store: Store, clock: Clock, clientId: string }) {
    this.#store = store
    this.#clock = clock
    this.#clientId = clientId
  }

  /**
   * The grant that a code gave.
   *
   * @param exchange called once for a code
   * @throws {StoreError | RecordError} and what `exchange` throws
   */
  async redeem (code: string, exchange: () => Promise<GrantRef>): Promise<GrantRef> {
    const key = flowKey(this.#clientId, code, 'install')
    return this.#running.run(key, () => this.#redeem(key, exchange))
  }

  async #redeem (key: string, exchange: () => Promise<GrantRef>): Promise<GrantRef> {
    const known = await this.#store.get(key)
    if (known !== null) return parseRef(known.body)
    const { userId, teamId } = await exchange()
    const entry = { body: JSON.stringify({ userId, teamId }), expiresAt: this.#clock.now() + keepFlowMs }
    // The grant is stored: an install that is complete must not fail for this.
    await this.#store.cas(key, null, entry).catch(() => {})
    return { userId, teamId }
  }
}
