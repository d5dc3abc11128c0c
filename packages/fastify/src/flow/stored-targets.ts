import type { Clock, Store } from '@miro-oauth/core'
import { flowKey, keepFlowMs } from './flow.js'

/**
 * Keeps in the store where flows return to, if that is too long for a cookie. The record is of the kind `flow`:
 * strangers can make it, so a full store forgets it first, and the flow then returns to the default page.
 */
export class StoredTargets {
  readonly #store: Store
  readonly #clock: Clock
  readonly #clientId: string

  constructor ({ store, clock, clientId }: { store: Store, clock: Clock, clientId: string }) {
    this.#store = store
    this.#clock = clock
    this.#clientId = clientId
  }

  /** @throws {StoreError} */
  async put (state: string, target: string): Promise<void> {
    await this.#store.cas(this.#keyOf(state), null, { body: target, expiresAt: this.#clock.now() + keepFlowMs })
  }

  /** `null`: forgotten or expired. @throws {StoreError} */
  async find (state: string): Promise<string | null> {
    return (await this.#store.get(this.#keyOf(state)))?.body ?? null
  }

  #keyOf (state: string): string {
    return flowKey(this.#clientId, state, 'target')
  }
}
