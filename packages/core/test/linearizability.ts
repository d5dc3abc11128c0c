import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { memoryStore } from '../src/store/memory-store.js'
import type { Store, Versioned } from '../src/store/store.js'
import { checkLinearizability } from '../src/testing/index.js'

const seeds = [1, 2, 3]

/** A store a few turns of the event loop away, so that calls overlap as they do with a server. */
function distant (store: Store, seed: number): Store {
  let state = seed
  const travel = async (): Promise<void> => {
    state = (state * 48_271) % 2_147_483_647
    for (let turns = state % 5; turns > 0; turns--) await turn()
  }
  async function there<T> (call: () => Promise<T>): Promise<T> {
    await travel()
    const answer = await call()
    await travel()
    return answer
  }
  return {
    get: (key) => there(() => store.get(key)),
    cas: (key, expected, next) => there(() => store.cas(key, expected, next))
  }
}

function check (stores: Store[], seed: number): Promise<void> {
  return checkLinearizability(stores, { key: 'miro:grant:app:1:2', writers: 8, operations: 50, seed })
}

/** Stores that are wrong in one way, which shows only with several writers. */
const broken: Record<string, (seed: number) => Store[]> = {
  'reads the version, and then overwrites any other' (seed) {
    const store = memoryStore()
    const far = distant(store, seed)
    return [{
      ...far,
      async cas (key, expected, next) {
        const current = await far.get(key)
        if ((current?.version ?? null) !== expected) return { ok: false, current }
        return store.cas(key, (await store.get(key))?.version ?? null, next)
      }
    }]
  },
  'returns from a failed cas the record from before it failed' (seed) {
    const far = distant(memoryStore(), seed)
    return [{
      ...far,
      async cas (key, expected, next) {
        const current = await far.get(key)
        const result = await far.cas(key, expected, next)
        return result.ok ? result : { ok: false, current }
      }
    }]
  },
  'reads several keys as they were at the read before' (seed) {
    const far = distant(memoryStore(), seed)
    let last: Versioned | null = null
    return [{
      ...far,
      async getAll ([key = '']) {
        const before = last
        last = await far.get(key)
        return [before, null]
      }
    }]
  },
  'reads from a replica that is one write behind' (seed) {
    const store = memoryStore()
    const far = distant(store, seed)
    let [behind, latest]: Array<Versioned | null> = [null, null]
    return [{
      async get () { return behind ?? null },
      async cas (key, expected, next) {
        const result = await far.cas(key, expected, next)
        if (result.ok) [behind, latest] = [latest, await store.get(key)]
        return result
      }
    }]
  },
  'acknowledges one write in a hundred and forgets it' (seed) {
    const store = memoryStore()
    let writes = 0
    return [distant({
      ...store,
      async cas (key, expected, next) {
        const current = await store.get(key)
        const fits = (current?.version ?? null) === expected
        return fits && next !== null && ++writes % 100 === 50 ? { ok: true, version: `forgotten ${writes}` } : store.cas(key, expected, next)
      }
    }, seed)]
  },
  'fails now and then without a reason' (seed) {
    const store = memoryStore()
    let fits = 0
    return [distant({
      ...store,
      async cas (key, expected, next) {
        const current = await store.get(key)
        return (current?.version ?? null) === expected && ++fits % 5 === 0
          ? {
              ok: false,
              current
            }
          : store.cas(key, expected, next)
      }
    }, seed)]
  },
  'uses a version again' (seed) {
    const names = new Map<string, string>()
    const store = memoryStore()
    const renamed = <T extends { version: string }>(found: T): T => ({ ...found, version: names.get(found.version) ?? '' })
    let count = 0
    return [distant({
      get: async (key) => { const found = await store.get(key); return found && renamed(found) },
      async cas (key, expected, next) {
        const current = await store.get(key)
        if ((current === null ? null : renamed(current).version) !== expected) {
          return {
            ok: false,
            current: current && renamed(current)
          }
        }
        const result = await store.cas(key, current?.version ?? null, next)
        if (!result.ok) return result
        names.set(result.version, String(++count % 7))
        return renamed(result)
      }
    }, seed)]
  },
  'gives a body of another version' (seed) {
    const store = memoryStore()
    const mix = (found: Versioned | null): Versioned | null => found && { ...found, body: `${found.body}0` }
    return [distant({ ...store, get: async (key) => mix(await store.get(key)) }, seed)]
  },
  'is two stores' (seed) {
    return [distant(memoryStore(), seed), distant(memoryStore(), seed + 1)]
  }
}

t.test('linearizability: a linearizable store passes, with one client or several, and keeps no entry', async (t) => {
  for (const seed of seeds) {
    const store = memoryStore()
    await t.resolves(check([distant(store, seed)], seed))
    await t.resolves(check([distant(store, seed), distant(store, seed + 1), distant(store, seed + 2)], seed))
    t.equal(await store.get('miro:grant:app:1:2'), null)
  }
})

t.test('linearizability: a check without writers or without a store is an error', async (t) => {
  await t.rejects(checkLinearizability(memoryStore(), { key: 'a', writers: 0, operations: 1, seed: 1 }), { name: 'AssertionError' })
  await t.rejects(checkLinearizability([], { key: 'a', writers: 1, operations: 1, seed: 1 }), { name: 'AssertionError' })
})

t.test('linearizability: a store that acknowledges a write and keeps none fails by the last read', async (t) => {
  const forgetful: Store = { get: async () => null, cas: async () => ({ ok: true, version: 'forgotten' }) }
  await t.rejects(checkLinearizability(forgetful, { key: 'a', writers: 1, operations: 1, seed: 1 }), { message: /^No order of the calls explains their results: with forgotten there/ })
})

/** The messages for stores that fail by another check than the order of calls. */
const messages: Record<string, RegExp> = {
  'uses a version again': /^a version is never used twice/,
  'gives a body of another version': /^what is read was written, under the version it is read at/
}

for (const [name, stores] of Object.entries(broken)) {
  t.test(`linearizability: a store that ${name} fails`, async (t) => {
    for (const seed of seeds) await t.rejects(check(stores(seed), seed), { name: 'AssertionError', message: messages[name] ?? /^No order/ })
  })
}
