import assert from 'node:assert/strict'
import type { Store, Versioned } from '../../store/store.js'
import { assertSame, entryOf, keyOf, write, type Checks } from './view.js'

const numbers = Array.from({ length: 100 }, (_, index) => index)

/** `getAll`, if the store has it. */
export const readingAll: Checks = {
  async 'getAll returns what get returns, in the order of the keys, and null for what is not there' ({ store, now }) {
    const one = await write(store, keyOf('one'), null, entryOf('of one'))
    const two = await write(store, keyOf('two'), null, entryOf('of two', now() + 60_000))
    const deleted = await write(store, keyOf('deleted'), null, entryOf('of deleted'))
    await write(store, keyOf('deleted'), deleted, null)
    const expiresAt = (await store.get(keyOf('two')))?.expiresAt ?? null
    for (const names of [['two', 'deleted', 'one'], ['one', 'never', 'two'], ['never', 'deleted']]) {
      const found = await readAll(store, names.map(keyOf))
      if (found === null) return
      assert.equal(found.length, names.length)
      for (const [index, name] of names.entries()) {
        if (name === 'one') assertSame(found[index] ?? null, entryOf('of one'), one)
        else if (name === 'two') assertSame(found[index] ?? null, entryOf('of two', expiresAt), two)
        else assert.equal(found[index], null)
      }
    }
  },

  async 'getAll reads a hundred keys, whatever characters they hold' ({ store }) {
    const keys = numbers.map((number) => `miro:grant:contract:${number}:{a} *?[b]\\'"é日`)
    const versions = await Promise.all(keys.map((key) => write(store, key, null, entryOf(`body of ${key}`))))
    const found = await readAll(store, keys)
    if (found === null) return
    assert.equal(found.length, keys.length)
    for (const [index, key] of keys.entries()) assertSame(found[index] ?? null, entryOf(`body of ${key}`), versions[index] ?? '')
  },

  async 'getAll finds no expired entry, and tells the age of each version' ({ store, wait, now }) {
    const before = now()
    await write(store, keyOf('over'), null, entryOf('one', now() + 60))
    await write(store, keyOf('old'), null, entryOf('one'))
    await wait(120)
    const between = now()
    await write(store, keyOf('new'), null, entryOf('one'))
    const found = await readAll(store, ['over', 'old', 'new'].map(keyOf))
    if (found === null) return
    const [over, older, newer] = found
    assert.equal(over, null)
    assertAge(older, { least: 120, most: now() - before })
    assertAge(newer, { least: 0, most: now() - between })
  },

  async 'getAll sees every write that returned before it was called' ({ store }) {
    let version: string | null = null
    await write(store, keyOf('other'), null, entryOf('one'))
    for (let turn = 0; turn < 10; turn++) {
      version = await write(store, keyOf('a'), version, entryOf(`write ${turn}`))
      const found = await readAll(store, [keyOf('other'), keyOf('a')])
      if (found === null) return
      assertSame(found[1] ?? null, entryOf(`write ${turn}`), version)
    }
  }
}

/** `null`: the store has no `getAll`. */
async function readAll (store: Store, keys: string[]): Promise<Array<Versioned | null> | null> {
  if (store.getAll === undefined) return null
  return (await store.getAll(keys)).map((found) => {
    assert.ok(!(found instanceof Error), 'the key can be read')
    return found
  })
}

/** How far a server's clock, its rounding and a timer may differ. */
const toleranceMs = 25

function assertAge (found: Versioned | null | undefined, { least, most }: { least: number, most: number }): void {
  assert.ok(found !== null && found !== undefined, 'the entry is there')
  const { ageMs } = found
  assert.ok(ageMs >= Math.max(0, least - toleranceMs) && ageMs <= most + toleranceMs, `an age of ${ageMs} ms is from ${least} to ${most} ms`)
}
