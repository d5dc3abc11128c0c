import assert from 'node:assert/strict'
import { assertSame, currentOf, entryOf, keyOf, read, write, type Checks } from './view.js'

const soonMs = 60
const pastSoonMs = 120
const minuteMs = 60_000
/** How far a server's clock, its rounding and a timer may differ. */
const toleranceMs = 25

/** What time does to entries, by the store's clock. */
export const expiry: Checks = {
  async 'an entry with an expiry ahead is there, and its expiry comes back exactly' ({ store, now }) {
    for (const expiresAt of [now() + minuteMs, now() + minuteMs + 1, now() + 90 * 1440 * minuteMs]) {
      const version = await write(store, keyOf(String(expiresAt)), null, entryOf('one', expiresAt))
      assertSame(await store.get(keyOf(String(expiresAt))), entryOf('one', expiresAt), version)
    }
  },

  async 'an expired entry is absent to get' ({ store, wait, now }) {
    await write(store, keyOf('a'), null, entryOf('one', now() + soonMs))
    await wait(pastSoonMs)
    assert.equal(await store.get(keyOf('a')), null)
  },

  async 'an expired entry is absent to cas: its version matches no more' ({ store, wait, now }) {
    const version = await write(store, keyOf('a'), null, entryOf('one', now() + soonMs))
    await wait(pastSoonMs)
    assert.equal(currentOf(await store.cas(keyOf('a'), version, entryOf('two'))), null)
    assert.equal(currentOf(await store.cas(keyOf('a'), version, null)), null)
    assert.equal(await store.get(keyOf('a')), null)
  },

  async 'an insert over an expired entry works, under a new version' ({ store, wait, now }) {
    const first = await write(store, keyOf('a'), null, entryOf('one', now() + soonMs))
    await wait(pastSoonMs)
    const second = await write(store, keyOf('a'), null, entryOf('two'))
    assert.notEqual(second, first)
    assertSame(await store.get(keyOf('a')), entryOf('two'), second)
  },

  async 'an entry that is over when it is written is written and absent' ({ store, now }) {
    await write(store, keyOf('a'), null, entryOf('one', now() - minuteMs))
    assert.equal(await store.get(keyOf('a')), null)
    const version = await write(store, keyOf('a'), null, entryOf('two'))
    await write(store, keyOf('a'), version, entryOf('three', now() - minuteMs))
    assert.equal(await store.get(keyOf('a')), null)
    await write(store, keyOf('a'), null, entryOf('four'))
  },

  async 'an update without an expiry takes the old one away' ({ store, wait, now }) {
    const first = await write(store, keyOf('a'), null, entryOf('one', now() + minuteMs))
    const second = await write(store, keyOf('a'), first, entryOf('two', now() + minuteMs))
    const third = await write(store, keyOf('a'), second, entryOf('three'))
    await wait(pastSoonMs)
    assertSame(await store.get(keyOf('a')), entryOf('three'), third)
  },

  async 'an update moves the expiry, nearer or farther' ({ store, wait, now }) {
    const near = await write(store, keyOf('near'), null, entryOf('one'))
    await write(store, keyOf('near'), near, entryOf('two', now() + soonMs))
    const far = await write(store, keyOf('far'), null, entryOf('one', now() + minuteMs))
    const farther = entryOf('two', now() + 2 * minuteMs)
    const version = await write(store, keyOf('far'), far, farther)
    await wait(pastSoonMs)
    assert.equal(await store.get(keyOf('near')), null)
    assertSame(await store.get(keyOf('far')), farther, version)
  },

  async 'a failed cas moves no expiry' ({ store, wait, now }) {
    await write(store, keyOf('a'), null, entryOf('one', now() + soonMs))
    currentOf(await store.cas(keyOf('a'), 'another version', entryOf('two')))
    currentOf(await store.cas(keyOf('a'), 'another version', entryOf('two', now() + minuteMs)))
    await wait(pastSoonMs)
    assert.equal(await store.get(keyOf('a')), null)
  },

  async 'an entry without an expiry lives' ({ store, wait }) {
    const version = await write(store, keyOf('a'), null, entryOf('one'))
    await wait(pastSoonMs)
    assertSame(await store.get(keyOf('a')), entryOf('one'), version)
  },

  async 'the age of a version grows, and reading or failing to replace it does not make it younger' ({ store, wait, now }) {
    const before = now()
    await write(store, keyOf('a'), null, entryOf('one'))
    await read(store, keyOf('a'))
    currentOf(await store.cas(keyOf('a'), null, entryOf('two')))
    await wait(pastSoonMs)
    for (const found of [await read(store, keyOf('a')), currentOf(await store.cas(keyOf('a'), null, entryOf('two')))]) {
      assert.ok(found !== null)
      assert.ok(found.ageMs >= pastSoonMs - toleranceMs, `an age of ${found.ageMs} ms is at least the wait`)
      assert.ok(found.ageMs <= now() - before + toleranceMs, `an age of ${found.ageMs} ms is at most the time since the write`)
    }
  },

  async 'each new version starts at age zero' ({ store, wait, now }) {
    let version = await write(store, keyOf('a'), null, entryOf('one'))
    for (const next of [entryOf('one'), entryOf('two', now() + minuteMs)]) {
      await wait(pastSoonMs)
      const before = now()
      version = await write(store, keyOf('a'), version, next)
      const { ageMs } = await read(store, keyOf('a'))
      assert.ok(ageMs >= 0 && ageMs <= now() - before + toleranceMs, `an age of ${ageMs} ms is at most the time since the write`)
    }
  }
}
