import { randomBytes } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { systemClock } from '../src/clock.js'
import { RecordError, StoreError } from '../src/errors.js'
import { encryptedStore } from '../src/store/encrypted-store.js'
import { guardedStore } from '../src/store/guarded-store.js'
import { memoryStore } from '../src/store/memory-store.js'
import type { Store, Versioned } from '../src/store/store.js'
import { checkLinearizability, createFakeClock, storeContract, type ContractStore } from '../src/testing/index.js'

type Found = Array<Versioned | null | Error>
type Reading = (keys: readonly string[], found: () => Promise<Found>) => Promise<Found>

const patience = { clock: systemClock, ms: 1000 }
const entryOf = (body: string): { body: string, expiresAt: null } => ({ body, expiresAt: null })

/** A store with `getAll`, the calls that it got, and the same behind the guard. */
function world (reading: Reading = (_keys, found) => found()): { store: Store, guarded: Store, calls: string[] } {
  const inner = memoryStore()
  const calls: string[] = []
  const store: Store = {
    ...withGetAll(inner, reading),
    async get (key) {
      calls.push(`get ${key}`)
      return inner.get(key)
    }
  }
  const { getAll } = store
  store.getAll = async (keys) => {
    calls.push(`getAll ${keys.length > 5 ? keys.length : keys.join(' ')}`)
    return getAll?.(keys) ?? []
  }
  return { store, guarded: guardedStore(store, patience), calls }
}

function withGetAll (inner: Store, reading: Reading = (_keys, found) => found()): Store {
  return { ...inner, getAll: (keys) => reading(keys, () => Promise.all(keys.map((key) => inner.get(key)))) }
}

const failureOf = (call: Promise<unknown>): Promise<unknown> => call.then(() => null, (error: unknown) => error)

t.test('gathered reads: reads that begin in one turn of the event loop are one call, and each gets its own entry', async (t) => {
  const { store, guarded, calls } = world()
  for (const key of ['a', 'b', 'c']) await store.cas(key, null, entryOf(`of ${key}`))
  const reads: Array<Promise<Versioned | null>> = [guarded.get('a'), guarded.get('missing')]
  // As those of another request, which comes in between.
  queueMicrotask(() => reads.push(guarded.get('b')))
  process.nextTick(() => reads.push(guarded.get('c'), guarded.get('a')))
  await nextTurn()
  t.strictSame((await Promise.all(reads)).map((found) => found?.body), ['of a', undefined, 'of b', 'of c', 'of a'])
  t.strictSame(calls, ['getAll a missing b c'])
})

t.test('gathered reads: a read that is alone, or of one key, is a get', async (t) => {
  const { guarded, calls } = world()
  await guarded.get('a')
  await Promise.all([guarded.get('b'), guarded.get('b')])
  t.strictSame(calls, ['get a', 'get b'])
})

t.test('gathered reads: a call has at most a hundred keys', async (t) => {
  const { guarded, calls } = world()
  await Promise.all(Array.from({ length: 201 }, (_, index) => guarded.get(`key ${index}`)))
  t.strictSame(calls, ['getAll 100', 'getAll 100', 'get key 200'])
})

t.test('gathered reads: a read never joins a call that was sent, so that it sees every write before it', async (t) => {
  let release = (): void => {}
  const { store, guarded, calls } = world(async (_keys, found) => {
    const early = await found()
    await new Promise<void>((resolve) => { release = resolve })
    return early
  })
  const first = [guarded.get('a'), guarded.get('b')]
  await nextTurn()
  await store.cas('a', null, entryOf('written meanwhile'))
  const second = [guarded.get('a'), guarded.get('b')]
  release()
  t.strictSame(await Promise.all(first), [null, null])
  await nextTurn()
  release()
  t.equal((await Promise.all(second))[0]?.body, 'written meanwhile')
  t.strictSame(calls, ['getAll a b', 'getAll a b'])
})

t.test('gathered reads: a key that cannot be read fails its own callers only', async (t) => {
  const own = new RecordError()
  const other = new TypeError('cannot hold this key')
  const { store, guarded } = world(async (keys, found) => {
    const all = await found()
    return keys.map((key, index) => key === 'corrupt' ? own : key === 'odd' ? other : all[index] ?? null)
  })
  await store.cas('a', null, entryOf('of a'))
  const [found, corrupt, odd] = await Promise.all([guarded.get('a'), failureOf(guarded.get('corrupt')), failureOf(guarded.get('odd'))])
  t.match(found, { body: 'of a' })
  t.equal(corrupt, own)
  t.match(odd, { code: 'MIRO_STORE', cause: other })
})

t.test('gathered reads: a call that fails, is not answered or returns too little is MIRO_STORE for all its callers', async (t) => {
  const reason = new Error('connection lost')
  const down = world(async () => { throw reason }).guarded
  for (const error of await Promise.all([down.get('a'), down.get('b'), down.get('a')].map(failureOf))) {
    t.match(error, { code: 'MIRO_STORE', cause: reason })
  }
  const short = world(async () => [null]).guarded
  const [first, second] = await Promise.all([failureOf(short.get('a')), failureOf(short.get('b'))])
  t.equal(first, null)
  t.ok(second instanceof StoreError)

  const nothing = world(async () => Reflect.get({}, 'list')).guarded
  for (const error of await Promise.all([nothing.get('a'), nothing.get('b')].map(failureOf))) {
    t.match(error, { code: 'MIRO_STORE', cause: { message: 'getAll returned something other than a list.' } })
  }

  const clock = createFakeClock()
  const silent = guardedStore(withGetAll(memoryStore(), () => new Promise(() => {})), { clock, ms: 1000 })
  const reads = [silent.get('a'), silent.get('b')].map(failureOf)
  await clock.advance(1000)
  for (const error of await Promise.all(reads)) t.ok(error instanceof StoreError)
})

t.test('gathered reads: the guard with them keeps the store contract, and the calls of eight writers have one order', async (t) => {
  const setup = async (): Promise<ContractStore> => {
    const clock = createFakeClock()
    const store = guardedStore(withGetAll(memoryStore({ clock })), { clock, ms: 1000 })
    return { store, wait: clock.advance, now: clock.now }
  }
  for (const { name, run } of storeContract(setup)) await t.resolves(run(), name)
  for (let seed = 1; seed <= 5; seed++) {
    const delayed = withGetAll(memoryStore(), async (_keys, found) => { await nextTurn(); return found() })
    const guarded = guardedStore(delayed, patience)
    const gathering = withGetAll(guarded)
    await t.resolves(checkLinearizability(gathering, { key: 'a', writers: 8, operations: 20, seed }))
  }
})

const keys = `one:${randomBytes(32).toString('base64url')}`

t.test('encryption: getAll decrypts each body, and one that it cannot decrypt fails in its own place', async (t) => {
  const inner = withGetAll(memoryStore())
  const store = encryptedStore(inner, { keys })
  for (const key of ['a', 'b']) await store.cas(key, null, entryOf(`of ${key}`))
  await inner.cas('plain', null, entryOf('{}'))
  await inner.cas('moved', null, entryOf((await inner.get('a'))?.body ?? ''))
  const found = await store.getAll?.(['a', 'plain', 'missing', 'moved', 'b'])
  t.match(found, [{ body: 'of a' }, { code: 'MIRO_RECORD' }, null, { code: 'MIRO_RECORD' }, { body: 'of b' }])
  t.notOk('getAll' in encryptedStore(memoryStore(), { keys }), 'only where the store has it')
})

t.test('encryption: an encrypted store with getAll keeps the store contract', async (t) => {
  const setup = async (): Promise<ContractStore> => {
    const clock = createFakeClock()
    return { store: encryptedStore(withGetAll(memoryStore({ clock })), { keys }), wait: clock.advance, now: clock.now }
  }
  for (const { name, run } of storeContract(setup)) if (name.startsWith('getAll')) await t.resolves(run(), name)
})

t.test('store contract: it fails on a getAll that mixes up keys, reads what was, keeps what is over or knows no age', async (t) => {
  const broken: Record<string, { reading: Reading, fails: string }> = {
    sorted: { reading: async (_keys, found) => (await found()).reverse(), fails: 'getAll returns what get returns, in the order of the keys, and null for what is not there' },
    short: { reading: async (_keys, found) => (await found()).filter((each) => each !== null), fails: 'getAll returns what get returns, in the order of the keys, and null for what is not there' },
    few: { reading: async (_keys, found) => (await found()).slice(0, 50), fails: 'getAll reads a hundred keys, whatever characters they hold' },
    stale: { reading: remembering(), fails: 'getAll sees every write that returned before it was called' },
    ageless: { reading: async (_keys, found) => (await found()).map((each) => each === null || each instanceof Error ? each : { ...each, ageMs: 0 }), fails: 'getAll finds no expired entry, and tells the age of each version' }
  }
  for (const { reading, fails } of Object.values(broken)) {
    const clock = createFakeClock()
    const setup = async (): Promise<ContractStore> => ({
      store: withGetAll(memoryStore({ clock }), reading), wait: clock.advance, now: clock.now
    })
    const [found] = storeContract(setup).filter(({ name }) => name === fails)
    await t.rejects(found?.run() ?? Promise.resolve(), { name: 'AssertionError' }, fails)
  }
})

function remembering (): Reading {
  const known = new Map<string, Promise<Found>>()
  return (keys, found) => {
    const answer = known.get(keys.join()) ?? found()
    known.set(keys.join(), answer)
    return answer
  }
}
