import type { Store } from '@miro-oauth/fastify'

/** A store that tells how often it was read and written. */
export interface CountingStore extends Store {
  calls: () => { reads: number, writes: number }
}

/** Counts the calls of another store. */
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
