import type { Store } from '@miro-oauth/fastify'

/** How often a store was called. */
export interface StoreCalls {
  reads: number
  writes: number
}

/** A store that counts its calls. */
export interface CountingStore extends Store {
  calls: () => StoreCalls
}

/** Wraps a store to count its calls. */
export function countingStore ({ get, cas }: Store): CountingStore {
  let reads = 0
  let writes = 0
  return {
    calls: () => ({ reads, writes }),
    get: (key) => {
      reads++
      return get(key)
    },
    cas: (key, expected, next) => {
      writes++
      return cas(key, expected, next)
    }
  }
}
