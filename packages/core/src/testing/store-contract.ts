import { systemClock } from '../clock.js'
import type { Store } from '../store/store.js'
import { compareAndSet } from './contract/compare-and-set.js'
import { expiry } from './contract/expiry.js'
import { races } from './contract/races.js'
import { readingAll } from './contract/reading-all.js'
import { scanning } from './contract/scanning.js'

/** An empty store, for one case of the contract. */
export interface ContractStore {
  store: Store
  /** Lets `ms` milliseconds of the store's clock pass: advances a fake clock, sleeps beside a real server. */
  wait: (ms: number) => Promise<void>
  /** The store's clock in epoch milliseconds. Default: the machine's own, which a server beside it shares. */
  now?: (() => number) | undefined
  close?: (() => Promise<void>) | undefined
}

/** One promise every store must keep. `run` rejects with an AssertionError where this one does not. */
export interface ContractCase {
  name: string
  run: () => Promise<void>
}

/**
 * Everything this package relies on in a store, as cases for any test runner.
 *
 * Cases that wait ask for at most 150 ms at a time. The cases about `getAll` and `scan` pass over a store that has
 * none.
 *
 * ```ts
 * for (const { name, run } of storeContract(setup)) test(name, run)
 * ```
 *
 * @param setup makes a view of an empty store; it is called once per case, and the view closed after it
 */
export function storeContract (setup: () => Promise<ContractStore>): ContractCase[] {
  return Object.entries({ ...compareAndSet, ...expiry, ...races, ...readingAll, ...scanning }).map(([name, check]) => ({
    name,
    async run () {
      const view = await setup()
      try {
        await check({ store: view.store, wait: view.wait, now: view.now ?? systemClock.now })
      } finally {
        await view.close?.()
      }
    }
  }))
}
