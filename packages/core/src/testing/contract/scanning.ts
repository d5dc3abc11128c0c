import assert from 'node:assert/strict'
import type { ScanQuery, Store } from '../../store/store.js'
import { entryOf, write, type Checks } from './view.js'

const minuteMs = 60_000
const numbers = Array.from({ length: 23 }, (_, index) => index)
const pageSize = 5

/** `scan`, if the store has it. */
export const scanning: Checks = {
  async 'scan finds every key of a prefix once, page by page' ({ store, now }) {
    const keys = numbers.map((number) => `miro:grant:app:${number}:x`)
    for (const key of keys) await write(store, key, null, entryOf('one', now() + minuteMs))
    for (const limit of [1, pageSize, keys.length, 100]) {
      await assertScanned(store, { prefix: 'miro:grant:app:', expiresBefore: now() + 2 * minuteMs, limit }, keys)
    }
  },

  async 'scan takes a prefix literally and finds nothing beside it' ({ store, now }) {
    const inside = ['miro:grant:a_p%2A*?[b]\\:1', 'miro:grant:a_p%2A*?[b]\\:2']
    const beside = ['miro:grant:axp%2A*?[b]\\:1', 'miro:grant:a_p-2A*?[b]\\:1', 'miro:grant:a_p%2Ax?[b]\\:1', 'miro:grant:a_p%2A*?b\\:1', 'miro:grant:a_p%2A*?[b]', 'miro:link:a_p%2A*?[b]\\:1', 'x:miro:grant:a_p%2A*?[b]\\:1']
    for (const key of [...inside, ...beside]) await write(store, key, null, entryOf('one', now() + minuteMs))
    await assertScanned(store, { prefix: 'miro:grant:a_p%2A*?[b]\\:', expiresBefore: now() + 2 * minuteMs, limit: pageSize }, inside)
  },

  async 'scan takes a prefix that ends in the middle of a part' ({ store, now }) {
    const keys = ['miro:grant:app:1', 'miro:grant:apple:1', 'miro:group:1']
    for (const key of [...keys, 'miro:link:app:1']) await write(store, key, null, entryOf('one', now() + minuteMs))
    await assertScanned(store, { prefix: 'miro:gr', expiresBefore: now() + 2 * minuteMs, limit: pageSize }, keys)
  },

  async 'scan finds only entries that expire before the instant asked for' ({ store, now }) {
    const at = now() + minuteMs
    await write(store, 'miro:grant:app:before', null, entryOf('one', at - 1))
    await write(store, 'miro:grant:app:then', null, entryOf('one', at))
    await write(store, 'miro:grant:app:after', null, entryOf('one', at + 1))
    await write(store, 'miro:grant:app:never', null, entryOf('one'))
    await assertScanned(store, { prefix: 'miro:grant:app:', expiresBefore: at, limit: pageSize }, ['miro:grant:app:before'])
  },

  async 'scan without such an instant finds all that lives, also what never expires, page by page' ({ store, wait, now }) {
    const keys = numbers.map((number) => `miro:link:app:${number}`)
    for (const [index, key] of keys.entries()) await write(store, key, null, entryOf('one', index % 2 === 0 ? null : now() + minuteMs))
    await write(store, 'miro:link:app:over', null, entryOf('one', now() + 60))
    const version = await write(store, 'miro:link:app:deleted', null, entryOf('one'))
    await write(store, 'miro:link:app:deleted', version, null)
    await write(store, 'miro:link:other:1', null, entryOf('one'))
    await wait(120)
    for (const limit of [1, pageSize, 100]) {
      await assertScanned(store, { prefix: 'miro:link:app:', expiresBefore: null, limit }, keys)
    }
  },

  async 'scan loses no key that stands all the while, though it is written anew and others go between two pages' ({ store, now }) {
    const keys = numbers.map((number) => `miro:grant:app:${number}:x`)
    for (const key of keys) await write(store, key, null, entryOf('one', now() + minuteMs))
    const found = await walk(store, { prefix: 'miro:grant:app:', expiresBefore: null, limit: pageSize }, async (page) => {
      for (const [index, key] of page.entries()) {
        const next = index === 0 ? null : entryOf('two', now() + 2 * minuteMs)
        await store.cas(key, (await store.get(key))?.version ?? null, next)
      }
    })
    assert.deepEqual(Array.from(new Set(found)).sort(), store.scan === undefined ? [] : [...keys].sort())
  },

  async 'scan finds neither expired nor deleted entries' ({ store, wait, now }) {
    await write(store, 'miro:grant:app:over', null, entryOf('one', now() + 60))
    const version = await write(store, 'miro:grant:app:deleted', null, entryOf('one', now() + minuteMs))
    await write(store, 'miro:grant:app:deleted', version, null)
    await write(store, 'miro:grant:app:alive', null, entryOf('one', now() + minuteMs))
    await wait(120)
    await assertScanned(store, { prefix: 'miro:grant:app:', expiresBefore: now() + 2 * minuteMs, limit: pageSize }, ['miro:grant:app:alive'])
  },

  async 'scan of a prefix without entries ends' ({ store, now }) {
    await assertScanned(store, { prefix: 'miro:grant:none:', expiresBefore: now() + minuteMs, limit: pageSize }, [])
  }
}

async function assertScanned (store: Store, query: ScanQuery, keys: string[]): Promise<void> {
  if (store.scan === undefined) return
  assert.deepEqual((await walk(store, query)).sort(), [...keys].sort())
}

/** Walks every page. A page may be empty or short and have a cursor all the same; one without a cursor is the last. */
async function walk (
  store: Store,
  query: ScanQuery,
  between: (page: string[]) => Promise<void> = async () => {}
): Promise<string[]> {
  const found: string[] = []
  for (let cursor: string | undefined, pages = 0; store.scan !== undefined; pages++) {
    assert.ok(pages < 1000, 'the pages come to an end')
    const page = await store.scan({ ...query, ...(cursor === undefined ? {} : { cursor }) })
    found.push(...page.keys)
    cursor = page.cursor
    if (cursor === undefined) break
    await between(page.keys)
  }
  return found
}
