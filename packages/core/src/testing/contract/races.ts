import assert from 'node:assert/strict'
import type { CasResult, Store } from '../../store/store.js'
import { assertSame, currentOf, entryOf, keyOf, read, write, type Checks } from './view.js'

const many = Array.from({ length: 20 }, (_, index) => index)

/** What happens when several write at once. */
export const races: Checks = {
  async 'of many concurrent inserts of one key exactly one wins, and the losers see it' ({ store }) {
    const results = await Promise.all(many.map((index) => store.cas(keyOf('a'), null, entryOf(`insert ${index}`))))
    await assertOneWinner(store, results, (index) => `insert ${index}`)
  },

  async 'of many concurrent updates of one version exactly one wins, and the losers see it' ({ store }) {
    const version = await write(store, keyOf('a'), null, entryOf('one'))
    const results = await Promise.all(many.map((index) => store.cas(keyOf('a'), version, entryOf(`update ${index}`))))
    await assertOneWinner(store, results, (index) => `update ${index}`)
  },

  async 'of many concurrent inserts over an expired entry exactly one wins, and the losers see it' ({ store, wait, now }) {
    await write(store, keyOf('a'), null, entryOf('over', now() + 60))
    await wait(120)
    const results = await Promise.all(many.map((index) => store.cas(keyOf('a'), null, entryOf(`insert ${index}`))))
    await assertOneWinner(store, results, (index) => `insert ${index}`)
  },

  async 'of concurrent updates and deletes of one version exactly one wins, and the losers see what it left' ({ store }) {
    const version = await write(store, keyOf('a'), null, entryOf('one'))
    const results = await Promise.all(many.map((index) => store.cas(keyOf('a'), version, index % 2 === 0 ? null : entryOf(`update ${index}`))))
    const winner = results.findIndex(({ ok }) => ok)
    assert.equal(results.filter(({ ok }) => ok).length, 1)
    for (const [index, result] of results.entries()) {
      if (index !== winner) assert.equal(currentOf(result)?.body, winner % 2 === 0 ? undefined : `update ${winner}`)
    }
  },

  async 'no update is lost when many writers count up one entry, each from what a failure told it' ({ store }) {
    let version = await write(store, keyOf('a'), null, entryOf('0'))
    const seen = await read(store, keyOf('a'))
    const versions = await Promise.all(many.map(async () => {
      for (let current = seen; ;) {
        const result = await store.cas(keyOf('a'), current.version, entryOf(String(Number(current.body) + 1)))
        if (result.ok) return result.version
        assert.ok(result.current !== null)
        assert.notEqual(result.current.version, current.version, 'a failed cas was read after the failure')
        current = result.current
      }
    }))
    assert.equal(new Set([version, ...versions]).size, many.length + 1)
    const last = await read(store, keyOf('a'))
    version = last.version
    assert.equal(last.body, String(many.length))
    assert.ok(versions.includes(version))
  },

  async 'concurrent writes of different keys all succeed' ({ store }) {
    const versions = await Promise.all(many.map((index) => write(store, keyOf(`key ${index}`), null, entryOf(`body ${index}`))))
    for (const [index, version] of versions.entries()) assertSame(await store.get(keyOf(`key ${index}`)), entryOf(`body ${index}`), version)
  }
}

async function assertOneWinner (store: Store, results: CasResult[], bodyOf: (index: number) => string): Promise<void> {
  const winners = results.flatMap((
    result,
    index
  ) => result.ok ? [{ version: result.version, body: bodyOf(index) }] : [])
  const [winner] = winners
  assert.ok(winner !== undefined && winners.length === 1, `exactly one wins, and not ${winners.length}`)
  for (const result of results) if (!result.ok) assertSame(result.current, entryOf(winner.body), winner.version)
  assertSame(await store.get(keyOf('a')), entryOf(winner.body), winner.version)
}
