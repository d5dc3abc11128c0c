import assert from 'node:assert/strict'
import type { Store } from '../../store/store.js'
import { entryOf, write, type Checks } from './view.js'

const minuteMs = 60_000
const numbers = Array.from({ length: 23 }, (_, index) => index)
const pageSize = 5

/** What `scan` finds, where a store has it. */
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

  async 'scan finds neither expired nor deleted entries' ({ store, wait, now }) {
    await write(store, 'miro:grant:app:over', null, entryOf('one', now() + 60))
    const version = await write(store, 'miro:grant:app:deleted', null, entryOf('one', now() + minuteMs))
    await write(store, 'miro:grant:app:deleted', version, null)
    await write(store, 'miro:grant:app:alive', null, entryOf('one', now() + minuteMs))
    await wait(120)
    await assertScanned(store, { prefix: 'miro:grant:app:', expiresBefore: now() + 2 * minuteMs, limit: pageSize }, ['miro:grant:app:alive'])
  },

  async 'scan of a prefix without entries ends' ({ store, now }) {
    await assertScanned(store, { prefix: 'miro:grant:nobody:', expiresBefore: now() + minuteMs, limit: pageSize }, [])
  }
}

/** Walks every page. A page may be empty or short and have a cursor all the same; one without a cursor is the last. */
async function assertScanned (store: Store, query: { prefix: string, expiresBefore: number, limit: number }, keys: string[]): Promise<void> {
  if (store.scan === undefined) return
  const found: string[] = []
  let cursor: string | undefined
  for (let pages = 0; ; pages++) {
    assert.ok(pages < 1000, 'the pages come to an end')
    const page = await store.scan({ ...query, ...(cursor === undefined ? {} : { cursor }) })
    found.push(...page.keys)
    if (page.cursor === undefined) break
    cursor = page.cursor
  }
  assert.deepEqual(found.sort(), [...keys].sort())
}
