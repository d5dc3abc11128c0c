import cluster from 'node:cluster'
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { systemClock } from '../src/clock.js'
import { createMiroAuth } from '../src/create-miro-auth.js'
import { ConfigError, NotConnectedError, StoreError } from '../src/errors.js'
import type { MiroAuth } from '../src/index.js'
import { encryptedStore } from '../src/store/encrypted-store.js'
import { guardedStore } from '../src/store/guarded-store.js'
import { grantKey } from '../src/grant/grant.js'
import { storeKey } from '../src/store/keys.js'
import { ExpiryOrder } from '../src/store/memory/expiry-order.js'
import { MemoryEntries } from '../src/store/memory/entries.js'
import type { MemoryEntry } from '../src/store/memory/kind.js'
import { memoryStore } from '../src/store/memory-store.js'
import { ParsedBodies } from '../src/store/parsed-bodies.js'
import type { CasResult, Entry, ScanQuery, Store, Versioned } from '../src/store/store.js'
import { createFakeClock, storeContract, type ContractStore, type FakeClock } from '../src/testing/index.js'

const minuteMs = 60_000

function entry (body: string, expiresAt: number | null = null): Entry {
  return { body, expiresAt }
}

/** A view of a memory store, or of a store that `change` makes of it. */
function viewOf (change: (store: Store, clock: FakeClock) => Store = (store) => store): () => Promise<ContractStore> {
  return async () => {
    const clock = createFakeClock()
    return { store: change(memoryStore({ clock }), clock), wait: clock.advance, now: clock.now }
  }
}

async function failuresOf (setup: () => Promise<ContractStore>): Promise<string[]> {
  const failures: string[] = []
  for (const { name, run } of storeContract(setup)) {
    await run().catch((error: unknown) => {
      if (!(error instanceof Error && error.name === 'AssertionError')) throw error
      failures.push(name)
    })
  }
  return failures
}

const patience = { clock: systemClock, ms: 1000 }

t.test('store: memoryStore keeps the store contract:', async (t) => {
  for (const { name, run } of storeContract(viewOf())) t.test(name, run)
})

t.test('store: a guarded store keeps the store contract, and has scan only if its store has it', async (t) => {
  t.strictSame(await failuresOf(viewOf((store, clock) => guardedStore(store, { clock, ms: 1000 }))), [])
  t.strictSame(await failuresOf(viewOf(({ get, cas }, clock) => guardedStore({ get, cas }, { clock, ms: 1000 }))), [])
  t.equal(guardedStore({
    get: async () => null,
    cas: async () => ({ ok: false, current: null })
  }, patience).scan, undefined)
})

t.test('store contract: every view is closed, after a failure too; the default clock is the machine\'s', async (t) => {
  let open = 0
  const failing = storeContract(async () => {
    open++
    return {
      store: { get: async () => { throw new Error('down') }, cas: async () => { throw new Error('down') } },
      wait: async () => {},
      close: async () => { open-- }
    }
  })
  for (const { run } of failing) await run().catch(() => {})
  t.equal(open, 0)
  t.ok(failing.length > 30)

  const first = storeContract(async () => ({ store: memoryStore(), wait: async () => {} }))
    .find(({ name }) => name.startsWith('an entry with an expiry ahead'))
  await first?.run()
})

/** Stores that are wrong in one way, and the part of the contract that each of them breaks. */
const broken: Record<string, { change: (store: Store, clock: FakeClock) => Store, fails: string }> = {
  'ignores what is expected': {
    change: (store) => ({ ...store, cas: (key, _expected, next) => overwrite(store, key, next) }),
    fails: 'a second insert fails, tells what is there and changes nothing'
  },
  'counts versions from one in every life': {
    change: (store) => renamed(store, new Map()),
    fails: 'a version of an earlier life does not match after delete and re-insert'
  },
  'returns from a failed cas the record from before it': {
    change: (store) => ({
      ...store,
      async cas (key, expected, next) {
        const current = await store.get(key)
        await Promise.resolve()
        const result = await store.cas(key, expected, next)
        return result.ok ? result : { ok: false, current }
      }
    }),
    fails: 'of many concurrent updates of one version exactly one wins, and the losers see it'
  },
  'reads the version, and then writes': {
    change: (store) => ({
      ...store,
      async cas (key, expected, next) {
        const current = await store.get(key)
        if ((current?.version ?? null) !== expected) return { ok: false, current }
        return overwrite(store, key, next)
      }
    }),
    fails: 'of many concurrent inserts of one key exactly one wins, and the losers see it'
  },
  'keeps expired entries': {
    change: (store) => ({
      ...store,
      cas: (key, expected, next) => store.cas(key, expected, next === null ? null : entry(next.body))
    }),
    fails: 'an expired entry is absent to get'
  },
  'keeps an old expiry when an update has none': {
    change: (store) => ({
      ...store,
      async cas (key, expected, next) {
        const expiresAt = next?.expiresAt ?? (await store.get(key))?.expiresAt ?? null
        return store.cas(key, expected, next === null ? null : entry(next.body, expiresAt))
      }
    }),
    fails: 'an update without an expiry takes the old one away'
  },
  'counts age from the first write': {
    change: (store, clock) => aged(store, clock, new Map()),
    fails: 'each new version starts at age zero'
  },
  'knows no age': {
    change: (store) => ({ ...store, get: async (key) => withAge(await store.get(key), 0) }),
    fails: 'the age of a version grows, and reading or failing to replace it does not make it younger'
  },
  'stores JSON, and not text': {
    change: (store) => ({
      ...store,
      cas: (
        key,
        expected,
        next
      ) => store.cas(key, expected, next === null ? null : entry(normal(next.body), next.expiresAt))
    }),
    fails: 'bodies come back exactly as they were written'
  },
  'folds keys': {
    change: (store) => ({
      ...store,
      get: (key) => store.get(key.normalize()),
      cas: (key, expected, next) => store.cas(key.normalize(), expected, next)
    }),
    fails: 'keys are independent and exact, whatever characters they hold'
  },
  'loses a key between two pages': {
    change: (store) => ({ ...store, scan: async (query) => dropLast(await store.scan?.(query) ?? { keys: [] }) }),
    fails: 'scan finds every key of a prefix once, page by page'
  },
  'never ends a scan': {
    change: (store) => ({ ...store, scan: async (query) => ({ keys: (await store.scan?.(query))?.keys ?? [], cursor: '0 0' }) }),
    fails: 'scan of a prefix without entries ends'
  }
}

for (const [what, { change, fails }] of Object.entries(broken)) {
  t.test(`store contract: it fails on a store that ${what}`, async (t) => {
    t.ok((await failuresOf(viewOf(change))).includes(fails), fails)
  })
}

async function overwrite (store: Store, key: string, next: Entry | null): Promise<CasResult> {
  for (let expected: string | null = null; ;) {
    const result = await store.cas(key, expected, next)
    if (result.ok) return result
    expected = result.current?.version ?? null
  }
}

/** Shows `1`, `2`, … for the versions of each life of a key. */
function renamed (store: Store, lives: Map<string, string[]>): Store {
  const shown = (key: string, version: string): string => {
    const life = lives.get(key) ?? []
    if (!life.includes(version)) lives.set(key, [...life, version])
    return String((lives.get(key) ?? []).indexOf(version) + 1)
  }
  const show = (
    key: string,
    found: Versioned | null
  ): Versioned | null => found === null ? null : { ...found, version: shown(key, found.version) }
  return {
    get: async (key) => show(key, await store.get(key)),
    async cas (key, expected, next) {
      const result = await store.cas(key, expected === null
        ? null
        : lives.get(key)?.[Number(expected) - 1] ?? expected, next)
      if (!result.ok) return { ok: false, current: show(key, result.current) }
      if (next !== null) return { ok: true, version: shown(key, result.version) }
      lives.delete(key)
      return { ok: true, version: 'deleted' }
    }
  }
}

function aged (store: Store, clock: FakeClock, bornAt: Map<string, number>): Store {
  return {
    get: async (key) => withAge(await store.get(key), clock.now() - (bornAt.get(key) ?? clock.now())),
    async cas (key, expected, next) {
      if (!bornAt.has(key)) bornAt.set(key, clock.now())
      return store.cas(key, expected, next)
    }
  }
}

function withAge (found: Versioned | null, ageMs: number): Versioned | null {
  return found === null ? null : { ...found, ageMs }
}

function normal (body: string): string {
  try {
    return JSON.stringify(JSON.parse(body))
  } catch {
    return body
  }
}

function dropLast<Page extends { keys: string[], cursor?: string | undefined }> (page: Page): Page {
  return page.cursor === undefined ? page : { ...page, keys: page.keys.slice(0, -1) }
}

t.test('memory store: an insert drops a hundred expired entries at most, and a full kind of them has room', async (t) => {
  const entries = new MemoryEntries(250)
  const entryAt = (writtenAt: number): MemoryEntry => ({ body: '', version: '', expiresAt: writtenAt + 1, writtenAt })
  for (let number = 0; number < 250; number++) entries.set(`miro:session:${number}`, entryAt(0))
  entries.set('miro:session:new', entryAt(10))
  const left = Array.from({ length: 250 }, (_, number) => entries.get(`miro:session:${number}`)).filter((entry) => entry !== undefined)
  t.equal(left.length, 150)
  t.ok(entries.get('miro:session:new'))
})

t.test('memory store: at its limit it refuses inserts of that kind, and evicts no entry', async (t) => {
  const clock = createFakeClock()
  const store = memoryStore({ clock, limit: 3 })
  for (const id of ['1', '2', '3']) await store.cas(`miro:grant:${id}`, null, entry(id, id === '3' ? clock.now() + minuteMs : null))
  await t.rejects(store.cas('miro:grant:4', null, entry('4')), { message: 'The memory store is full.' })
  t.equal(await store.get('miro:grant:4'), null)
  for (const id of ['1', '2', '3']) t.equal((await store.get(`miro:grant:${id}`))?.body, id)

  t.test('each kind of key has a limit of its own', async (t) => {
    for (const id of ['1', '2', '3']) t.ok((await store.cas(`miro:flow:${id}`, null, entry(id))).ok)
    await t.rejects(store.cas('miro:flow:4', null, entry('4')), { message: 'The memory store is full.' })
  })

  t.test('updates and deletes still work', async (t) => {
    const updated = await store.cas('miro:grant:1', (await store.get('miro:grant:1'))?.version ?? '', entry('one'))
    t.ok(updated.ok)
    t.equal((await store.get('miro:grant:1'))?.body, 'one')
    t.ok((await store.cas('miro:grant:1', updated.ok ? updated.version : '', null)).ok)
    t.ok((await store.cas('miro:grant:1', null, entry('one'))).ok, 'a delete makes room for an insert')
  })

  t.test('a version mismatch is returned, and does not throw', async (t) => {
    t.strictSame(await store.cas('miro:grant:4', 'some version', entry('4')), { ok: false, current: null })
    t.equal((await store.cas('miro:grant:2', null, entry('4'))).ok, false)
  })

  t.test('an expired entry makes room', async (t) => {
    await clock.advance(minuteMs - 1)
    await t.rejects(store.cas('miro:grant:4', null, entry('4')), { message: 'The memory store is full.' })
    await clock.advance(1)
    t.ok((await store.cas('miro:grant:4', null, entry('4'))).ok)
    t.equal(await store.get('miro:grant:3'), null)
    await t.rejects(store.cas('miro:grant:5', null, entry('5')), { message: 'The memory store is full.' })
  })
})

t.test('memory store: it warns in a cluster worker, and not in a process of its own', async (t) => {
  const codes: unknown[] = []
  const onWarning = (warning: Error & { code?: string }): void => { codes.push(warning.code) }
  process.on('warning', onWarning)
  t.teardown(() => { process.off('warning', onWarning) })

  memoryStore()
  const isWorker = cluster.isWorker
  Object.assign(cluster, { isWorker: true })
  memoryStore()
  Object.assign(cluster, { isWorker })
  await new Promise((resolve) => setImmediate(resolve))
  t.strictSame(codes, ['MIRO_MEMORY_STORE'])
})

t.test('scan: a page of a memory store is no longer than its limit', async (t) => {
  const clock = createFakeClock()
  const store = memoryStore({ clock })
  for (const id of ['1', '2', '3']) await store.cas(`miro:grant:${id}`, null, entry(id, clock.now() + minuteMs))
  const page = await store.scan?.({ prefix: 'miro:grant:', expiresBefore: clock.now() + 2 * minuteMs, limit: 2 })
  t.strictSame(page?.keys, ['miro:grant:1', 'miro:grant:2'])
})

/** Walks all pages. Returns the keys, and how many entries were compared with the prefix. */
async function walkCounted (
  store: Store, limit: number, { prefix = 'miro:grant:', expiresBefore = null }: Partial<ScanQuery> = {}
): Promise<{ keys: string[], compared: number, pages: number }> {
  let compared = 0
  const { startsWith } = String.prototype
  // eslint-disable-next-line no-extend-native -- nothing else shows how many entries a page compares
  String.prototype.startsWith = function (...args) {
    compared++
    return startsWith.apply(this, args)
  }
  try {
    const keys: string[] = []
    for (let pages = 1, cursor: string | undefined; ; pages++) {
      const query = { prefix, expiresBefore, limit }
      const page = await store.scan?.({ ...query, ...(cursor === undefined ? {} : { cursor }) })
      keys.push(...page?.keys ?? [])
      if (page?.cursor === undefined) return { keys, compared, pages }
      cursor = page.cursor
    }
  } finally {
    // eslint-disable-next-line no-extend-native
    String.prototype.startsWith = startsWith
  }
}

t.test('scan: the pages of a memory store look at each entry of their kind once, and at 10,000 per page at most', async (t) => {
  const store = memoryStore({ clock: createFakeClock() })
  const keys = Array.from({ length: 2000 }, (_, index) => `miro:grant:${index}`)
  for (const key of keys) await store.cas(key, null, entry('body'))
  for (let index = 0; index < 12_000; index++) await store.cas(`miro:link:${index}`, null, entry('body'))
  const walked = await walkCounted(store, 100)
  t.strictSame(walked.keys, keys)
  t.equal(walked.compared, 2000, 'entries of other kinds are not looked at')
  const none = await walkCounted(store, 100, { prefix: 'miro:link:other:' })
  t.strictSame(none, { keys: [], compared: 12_000, pages: 2 })
  const all = await walkCounted(store, 100, { prefix: 'miro:' })
  t.equal(all.compared, 14_000)
  t.equal(new Set(all.keys).size, 14_000)
})

t.test('scan: for entries that expire before an instant a memory store looks at those alone, in that order', async (t) => {
  const clock = createFakeClock()
  const store = memoryStore({ clock })
  for (let index = 0; index < 5000; index++) {
    // 7919 is prime to 5000: each minute comes once, in no order.
    await store.cas(`miro:grant:${index}`, null, entry('body', clock.now() + ((index * 7919) % 5000 + 1) * minuteMs))
    await store.cas(`miro:session:${index}`, null, entry('body', clock.now() + minuteMs))
  }
  const none = await walkCounted(store, 100, { expiresBefore: clock.now() + minuteMs })
  t.strictSame(none, { keys: [], compared: 0, pages: 1 })
  const due = await walkCounted(store, 100, { expiresBefore: clock.now() + 1001 * minuteMs })
  t.equal(due.compared, 1000)
  const minutes = due.keys.map((key) => (Number(key.slice('miro:grant:'.length)) * 7919) % 5000)
  t.strictSame(minutes, Array.from({ length: 1000 }, (_, index) => index))
  for (const key of due.keys.slice(0, 300)) await store.cas(key, (await store.get(key))?.version ?? '', entry('body', clock.now() + 6000 * minuteMs))
  for (const key of due.keys.slice(300, 400)) await store.cas(key, (await store.get(key))?.version ?? '', null)
  await clock.advance(500 * minuteMs)
  const later = await walkCounted(store, 100, { expiresBefore: clock.now() + 501 * minuteMs })
  t.strictSame(later.keys, due.keys.slice(500), 'neither moved, deleted nor expired ones')
  t.equal(later.compared, 500)
})

t.test('memory store: its order of expiry is that of a sorted list, through adding, removing and going on from any place', (t) => {
  const order = new ExpiryOrder<{ expiresAt: number | null, place: number }>()
  const there = new Map<number, { expiresAt: number | null, place: number }>()
  // A fixed sequence of numbers (a linear congruential generator), with many equal instants among them.
  let state = 1
  const random = (below: number): number => {
    state = (state * 48271) % 2147483647
    return state % below
  }
  const expected = (at: number, place: number): number[] => Array.from(there.values())
    .filter((value) => Number(value.expiresAt) > at || (value.expiresAt === at && value.place > place))
    .sort((one, other) => Number(one.expiresAt) - Number(other.expiresAt) || one.place - other.place)
    .map((value) => value.place)
  for (let step = 1; step <= 4000; step++) {
    const old = there.get(random(step))
    if (step % 3 === 0 && old !== undefined) {
      order.remove(old)
      there.delete(old.place)
    } else {
      const value = { expiresAt: random(700), place: step }
      order.add(value)
      there.set(step, value)
    }
    if (step % 500 !== 0) continue
    for (const [at, place] of [[-1, 0], [350, 0], [350, step / 2], [699, step]] as const) {
      t.strictSame(Array.from(order.behind({ at, place }), (value) => value.place), expected(at, place))
    }
    t.equal(order.first()?.place, expected(-1, 0)[0])
  }
  for (const never of [null, NaN]) order.add({ expiresAt: never, place: 0 })
  for (const value of there.values()) order.remove(value)
  t.equal(order.first(), undefined)
  t.end()
})

t.test('scan: a memory store lets others have their turn between long pages', async (t) => {
  const store = memoryStore({ clock: createFakeClock() })
  for (let index = 0; index < 25_000; index++) await store.cas(`miro:grant:${index}`, null, entry('body'))
  let turns = 0
  const count = (): void => { turns++; setImmediate(count).unref() }
  setImmediate(count).unref()
  t.equal((await walkCounted(store, 100, { prefix: 'miro:grant:none:' })).pages, 3)
  t.ok(turns >= 2, `${turns} turns`)
})

t.test('scan: a memory store keeps no deleted entries, and looks at none', async (t) => {
  const store = memoryStore({ clock: createFakeClock() })
  for (let index = 0; index < 5000; index++) {
    const written = await store.cas(`miro:grant:${index}`, null, entry('body'))
    await store.cas(`miro:grant:${index}`, written.ok ? written.version : '', null)
  }
  t.strictSame(await walkCounted(store, 100), { keys: [], compared: 0, pages: 1 })
})

t.test('store: a guarded store gives up on a call that is not answered', async (t) => {
  const clock = createFakeClock()
  const silent = (): Promise<never> => new Promise(() => {})
  const store = guardedStore({ get: silent, cas: silent }, { clock, ms: 1000 })
  const calls = [store.get('a'), store.cas('a', null, null)].map((call) => call.catch((error: unknown) => error))
  await clock.advance(1000)
  for (const error of await Promise.all(calls)) t.ok(error instanceof StoreError)
})

t.test('store: a guarded store sets no timer for a call that is answered at once', async (t) => {
  const { clock, waits } = countedWaits()
  await guardedStore(memoryStore({ clock }), { clock, ms: 1000 }).get('a')
  t.equal(waits(), 0)

  const auth = createMiroAuth({ clientId: '3458764500000000001', clientSecret: 'secret', store: memoryStore({ clock }), clock })
  const { grant } = await auth.connect({ user_id: '1', team_id: '2', scope: '', token_type: 'bearer', access_token: 'access', expires_in: 3600, refresh_token: 'refresh' })
  const before = waits()
  t.equal(await auth.accessToken(grant), 'access')
  t.equal(await auth.client(grant, { snapshot: await auth.snapshot(grant) }).accessToken(), 'access')
  t.equal(waits(), before, 'a fresh token sets no timer either')
})

t.test('store: a guarded store passes a read in memory on as it is, and no other get that was put in its place', async (t) => {
  const memory = memoryStore()
  const order: string[] = []
  await Promise.all([
    guardedStore(memory, patience).get('a').then(() => order.push('guarded')),
    memory.get('a').then(() => order.push('as it is'))
  ])
  t.strictSame(order, ['guarded', 'as it is'])

  const reason = new Error('down')
  const get = async (): Promise<never> => { throw reason }
  const proxy = new Proxy(memory, { get: (target, name) => name === 'get' ? get : Reflect.get(target, name) })
  // As a tracer does, with one function for each that it wraps.
  const tracing = new Proxy(memory, { get: (target, name) => typeof Reflect.get(target, name) === 'function' ? get : undefined })
  const derived: Store = Object.create(memory, { get: { value: get } })
  for (const store of [{ ...memory, get }, Object.assign(memoryStore(), { get }), derived, proxy, tracing]) {
    t.match(await guardedStore(store, patience).get('a').catch((error: unknown) => error), { code: 'MIRO_STORE', cause: reason })
  }
})

t.test('store: a guarded store sets its one timer anew only when it rings, and not where no call is under way then', async (t) => {
  const { clock, waits, running } = countedWaits()
  const answers: Array<() => void> = []
  const later = (): Promise<null> => new Promise((resolve) => answers.push(() => resolve(null)))
  const store = guardedStore({ get: later, cas: async () => ({ ok: true, version: '1' }) }, { clock, ms: 1000 })
  for (let begun = 0; begun < 9; begun++) {
    const calls = [1, 2, 3].map(() => store.get('a'))
    await clock.advance(100)
    for (const answer of answers.splice(0)) answer()
    t.strictSame(await Promise.all(calls), [null, null, null])
  }
  t.strictSame([waits(), running()], [1, 1])
  const last = store.get('b')
  await clock.advance(100)
  t.strictSame([waits(), running()], [2, 1], 'it rings while the last call is under way')
  answers[0]?.()
  t.equal(await last, null)
  await clock.advance(1000)
  t.strictSame([waits(), running()], [2, 0])
})

t.test('store: a guarded store has a timer that does not keep the process alive', async (t) => {
  const store = guardedStore({ get: () => new Promise(() => {}), cas: () => new Promise(() => {}) }, patience)
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  store.get('a').catch(() => {})
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(timers(), before)
})

t.test('store: a guarded store gives each call its own time, counted from its own beginning', async (t) => {
  const clock = createFakeClock()
  const ends: string[] = []
  const answers = new Map<string, () => void>()
  const get = (key: string): Promise<null> => new Promise((resolve) => answers.set(key, () => resolve(null)))
  const store = guardedStore({ get, cas: async () => ({ ok: true, version: '1' }) }, { clock, ms: 1000 })
  const start = (key: string): void => {
    store.get(key).then(() => ends.push(`${key} answered at ${clock.monotonic()}`), () => ends.push(`${key} late at ${clock.monotonic()}`))
  }
  start('a')
  await clock.advance(300)
  start('b')
  await clock.advance(300)
  start('c')
  start('d')
  await clock.advance(100)
  answers.get('c')?.()
  await clock.advance(2000)
  t.strictSame(ends, ['c answered at 700', 'a late at 995', 'b late at 1295', 'd late at 1595'])

  start('e')
  await clock.advance(0)
  clock.jump(60_000)
  await clock.advance(0)
  t.equal(ends.length, 4, 'the process was paused: the answer may be in the socket')
  answers.get('e')?.()
  await clock.advance(0)
  t.equal(ends[4], 'e answered at 62700')
})

/** A clock that counts its waits, and those that are not over. */
function countedWaits (): { clock: FakeClock, waits: () => number, running: () => number } {
  const clock = createFakeClock()
  let [waits, running] = [0, 0]
  return {
    clock: {
      ...clock,
      async wait (ms, signal) {
        waits++
        running++
        await clock.wait(ms, signal)
        running--
      }
    },
    waits: () => waits,
    running: () => running
  }
}

t.test('store: a guarded store throws every failure as MIRO_STORE, with its error as the cause', async (t) => {
  const reason = new Error('connection lost')
  const failing = async (): Promise<never> => { throw reason }
  const throwing = (): never => { throw reason }
  for (const store of [guardedStore({
    get: failing,
    cas: failing,
    scan: failing
  }, patience), guardedStore({ get: throwing, cas: throwing, scan: throwing }, patience)]) {
    const calls = [() => store.get('a'), () => store.cas('a', null, null), () => store.scan?.({ prefix: 'a', expiresBefore: 0, limit: 1 })]
    for (const call of calls) {
      const error: unknown = await Promise.resolve(call()).catch((error: unknown) => error)
      t.ok(error instanceof StoreError)
      t.equal(error instanceof StoreError && error.code, 'MIRO_STORE')
      t.equal(error instanceof StoreError && error.cause, reason)
    }
  }
})

t.test('store: a guarded store passes on errors of the core, and calls its store as a method', async (t) => {
  const own = new NotConnectedError()
  t.equal(await guardedStore({ get: async () => { throw own }, cas: async () => { throw own } }, patience).get('a').catch((error: unknown) => error), own)

  class Counting implements Store {
    calls = 0
    async get (): Promise<null> {
      this.calls++
      return null
    }

    async cas (): Promise<{ ok: true, version: string }> {
      this.calls++
      return { ok: true, version: '1' }
    }

    async scan (): Promise<{ keys: string[] }> {
      this.calls++
      return { keys: [] }
    }
  }
  const counting = new Counting()
  const store = guardedStore(counting, patience)
  await store.get('a')
  await store.cas('a', null, null)
  await store.scan?.({ prefix: 'a', expiresBefore: 0, limit: 1 })
  t.equal(counting.calls, 3)
})

t.test('parsed bodies: a body is parsed once per version', (t) => {
  let parsings = 0
  const parse = (body: string): { is: string } => {
    parsings++
    if (body === 'broken') throw new Error(body)
    return { is: body }
  }
  const parsed = new ParsedBodies<{ is: string }>(2)
  const read = (key: string, version: string, body: string): string => parsed.read(key, { version, body }, parse).is
  const parsingsOf = (...reads: Array<() => string>): number => {
    const before = parsings
    for (const again of reads) again()
    return parsings - before
  }
  t.equal(read('a', '1', 'first'), 'first')
  t.equal(parsingsOf(() => read('a', '1', 'first')), 0)
  t.equal(read('a', '2', 'second'), 'second', 'another version is another body')
  t.equal(read('a', '1', 'first'), 'first', 'an older version is parsed as it is')
  t.equal(read('b', '1', 'other'), 'other', 'another key is another body')
  t.throws(() => read('c', '1', 'broken'))
  t.equal(parsingsOf(() => read('a', '1', 'first'), () => read('b', '1', 'other')), 0, 'a failure takes no place in memory')
  t.throws(() => read('c', '1', 'broken'), 'a failure is not remembered')
  read('c', '1', 'third')
  t.equal(parsingsOf(() => read('b', '1', 'other'), () => read('c', '1', 'third')), 0)
  t.equal(parsingsOf(() => read('a', '1', 'first')), 1, 'no more than two are remembered')
  t.end()
})

t.test('grants: a caller that changes a returned grant or link changes no other copy', async (t) => {
  const auth = createMiroAuth({ clientId: '3458764500000000001', clientSecret: 'secret', store: memoryStore() })
  await auth.connect({ user_id: '1', team_id: '2', scope: 'boards:read', token_type: 'bearer', access_token: 'access' }, { appUserId: 'user-1' })
  for (let turn = 0; turn < 2; turn++) {
    const [grant] = await auth.grants('user-1')
    t.strictSame(grant?.scopes, ['boards:read'])
    Array.prototype.push.call(grant?.scopes, 'boards:write')
    const [link] = await auth.links('user-1')
    t.equal(link?.userId, '1')
    Object.assign(link ?? {}, { userId: '3' })
  }
})

t.test('keys: no id can reach into another part of a key', async (t) => {
  t.equal(grantKey('3074457363680401096', { userId: '9876543210123456789', teamId: '1234567890987654321' }), 'miro:grant:3074457363680401096:9876543210123456789:1234567890987654321')
  t.not(grantKey('app', { userId: 'a:b', teamId: 'c' }), grantKey('app', { userId: 'a', teamId: 'b:c' }))
  t.not(grantKey('app', { userId: 'a%3Ab', teamId: 'c' }), grantKey('app', { userId: 'a:b', teamId: 'c' }))
  t.not(storeKey('link', 'app:1', '2'), storeKey('link', 'app', '1:2'))
  t.not(storeKey('link', 'app', ''), storeKey('link', 'app'))
  t.match(storeKey('session', 'app', 'é 😀\n*{}\u0000'), /^[\x21-\x7e]+$/)
  t.equal(storeKey('link', 'app', '\ud800'), 'miro:link:app:%EF%BF%BD')
})

t.test('memory store: a full kind of flows makes room by dropping the one that ends first; grants and sessions are never dropped', async (t) => {
  const clock = createFakeClock()
  const store = memoryStore({ clock, limit: 3 })
  for (let index = 0; index < 10; index++) {
    t.ok((await store.cas(`miro:flow:app:${index}`, null, entry('null', clock.now() + minuteMs + index))).ok)
  }
  t.equal(await store.get('miro:flow:app:6'), null)
  for (const index of [7, 8, 9]) t.ok(await store.get(`miro:flow:app:${index}`))
  for (const kind of ['grant', 'session', 'link']) {
    for (const id of ['1', '2', '3']) await store.cas(`miro:${kind}:${id}`, null, entry(id, clock.now() + minuteMs))
    await t.rejects(store.cas(`miro:${kind}:4`, null, entry('4', clock.now() + minuteMs)), { message: 'The memory store is full.' })
  }
})

t.test('memory store: a wrong option ends the start', async (t) => {
  for (const options of [{ limt: 5 }, { limit: 0 }, { limit: '5' }, { limit: NaN }, { limit: 1.5 }, 5, []]) {
    t.throws(() => memoryStore(options as object), ConfigError, JSON.stringify(options))
  }
})

t.test('check: a store that is away, may not be written or holds a foreign record fails at start; a good one may be checked by all at once', async (t) => {
  const store = memoryStore()
  const authOf = (changes: Partial<Store> = {}): MiroAuth => createMiroAuth({ clientId: 'app', clientSecret: 'secret', store: { ...store, ...changes } })
  await Promise.all([authOf().check(), authOf().check(), authOf().check()])
  await authOf().check()
  t.strictSame((await store.scan?.({ prefix: 'miro:', expiresBefore: null, limit: 10 }))?.keys, ['miro:check:app'], 'one record stays')
  const down = async (): Promise<never> => { throw new Error('down') }
  await t.rejects(authOf({ get: down }).check(), { code: 'MIRO_STORE' })
  await t.rejects(authOf({ cas: down }).check(), { code: 'MIRO_STORE' })
  const cas: Store['cas'] = async (key, expected, next) => next === null ? down() : store.cas(key, expected, next)
  await t.rejects(authOf({ cas }).check(), { code: 'MIRO_STORE' }, 'a user of the server who may not delete')
  const standby = memoryStore()
  await createMiroAuth({ clientId: 'app', clientSecret: 'secret', store: standby }).check()
  await t.rejects(authOf({ get: standby.get }).check(), { code: 'MIRO_STORE', cause: { code: 'STALE_READ' } }, 'reads that go to a replica')
  const ahead = { now: () => Date.now() + 11 * minuteMs }
  const early = memoryStore({ clock: ahead })
  await t.rejects(authOf(early).check(), { cause: { code: 'STALE_READ' } }, 'a clock that is too far ahead')
  await t.rejects(authOf({ get: async () => ({ body: 'x', version: '1', expiresAt: null, ageMs: 0 }) }).check(), { code: 'MIRO_RECORD' })

  const encrypted = memoryStore()
  const key = (name: string): string => `${name}:${randomBytes(32).toString('base64url')}`
  const [old, next] = [key('old'), key('next')]
  const authUnder = (keys: string[]): MiroAuth => createMiroAuth({ clientId: 'app', clientSecret: 'secret', store: encryptedStore(encrypted, { keys }) })
  await authUnder([old]).check()
  await authUnder([next, old]).check()
  await authUnder([next]).check()
  await t.rejects(authUnder([key('other')]).check(), { code: 'MIRO_RECORD' })
})

t.test('ids: a grant or user that is named by anything but a text is refused before the store is asked', async (t) => {
  const asked: string[] = []
  const store = memoryStore()
  const auth = createMiroAuth({
    clientId: 'app', clientSecret: 'secret', store: { ...store, get: async (key) => { asked.push(key); return store.get(key) } }
  })
  const wrong: unknown[] = [
    undefined, null, {}, { userId: '1' }, { teamId: '1' }, { userId: 3458764520000000, teamId: '1' }, { userId: '1', teamId: 2 },
    { userId: '', teamId: '1' }, { user_id: '1', team_id: '2' }, '1', { userId: '\ud800', teamId: '1' }
  ]
  for (const ref of wrong as Array<{ userId: string, teamId: string }>) {
    const name = JSON.stringify(ref) ?? 'undefined'
    await t.rejects(auth.disconnect(ref), { code: 'MIRO_CONFIG' }, name)
    await t.rejects(auth.accessToken(ref), { code: 'MIRO_CONFIG' }, name)
    await t.rejects(auth.snapshot(ref), { code: 'MIRO_CONFIG' }, name)
    await t.rejects(auth.fetchNames(ref), { code: 'MIRO_CONFIG' }, name)
    t.throws(() => auth.client(ref), { code: 'MIRO_CONFIG' }, name)
    t.throws(() => auth.fingerprint(ref), { code: 'MIRO_CONFIG' }, name)
  }
  for (const appUserId of ['', 5, null, '\ud800'] as string[]) {
    await t.rejects(auth.grants(appUserId), { code: 'MIRO_CONFIG' })
    await t.rejects(auth.links(appUserId), { code: 'MIRO_CONFIG' })
  }
  t.same(asked, [])
})
