import assert from 'node:assert/strict'
import { assertSame, currentOf, entryOf, keyOf, read, write, type Checks } from './view.js'

const oddNames = [
  'a:b', 'a b', ' a ', 'a\'b"c', 'a\\b', '{a}b', 'a{}', '*', 'a?[b-c]', 'a%', 'a_b', '--a', '/../a', '\r\n', '$1', 'é', 'e\u0301', '日本', '😀', 'a'.repeat(500)
]

const oddBodies = [
  '{"id":3074457358607431473,"ratio":1.0,  "b":2,"a":1,"a":2}', '{"text":"\\u0000\\ud83d"}', ' \t\r\n x \n', '日本 😀 \u2028 \u00a0 \ufeff e\u0301', '\'";--\\ \\n $1 %s {0}',
  'null', '0', 'é'.repeat(32_768)
]

/** `get` and `cas` without another writer. */
export const compareAndSet: Checks = {
  async 'get of a key that was never written is null' ({ store }) {
    assert.equal(await store.get(keyOf('a')), null)
  },

  async 'an insert is found by get under the version it returned' ({ store }) {
    const version = await write(store, keyOf('a'), null, entryOf('one'))
    assertSame(await store.get(keyOf('a')), entryOf('one'), version)
  },

  async 'a second insert fails, tells what is there and changes nothing' ({ store }) {
    const version = await write(store, keyOf('a'), null, entryOf('one'))
    assertSame(currentOf(await store.cas(keyOf('a'), null, entryOf('two'))), entryOf('one'), version)
    assertSame(await store.get(keyOf('a')), entryOf('one'), version)
  },

  async 'an update that expects the current version replaces the entry' ({ store }) {
    const first = await write(store, keyOf('a'), null, entryOf('one'))
    const second = await write(store, keyOf('a'), first, entryOf('two'))
    assertSame(await store.get(keyOf('a')), entryOf('two'), second)
  },

  async 'an update that expects an older version fails, tells what is there now and changes nothing' ({ store }) {
    const first = await write(store, keyOf('a'), null, entryOf('one'))
    const second = await write(store, keyOf('a'), first, entryOf('two'))
    assertSame(currentOf(await store.cas(keyOf('a'), first, entryOf('three'))), entryOf('two'), second)
    assertSame(await store.get(keyOf('a')), entryOf('two'), second)
  },

  async 'an update that expects a version that never was fails' ({ store }) {
    const version = await write(store, keyOf('a'), null, entryOf('one'))
    for (const expected of ['', '0', '1', 'null', version + 'x', version.slice(1)]) {
      assertSame(currentOf(await store.cas(keyOf('a'), expected, entryOf('two'))), entryOf('one'), version)
    }
  },

  async 'an update of an absent key fails with nothing there, and writes nothing' ({ store }) {
    assert.equal(currentOf(await store.cas(keyOf('a'), 'some version', entryOf('one'))), null)
    assert.equal(await store.get(keyOf('a')), null)
  },

  async 'a delete that expects the current version removes the entry' ({ store }) {
    const version = await write(store, keyOf('a'), null, entryOf('one'))
    await write(store, keyOf('a'), version, null)
    assert.equal(await store.get(keyOf('a')), null)
  },

  async 'a delete that expects an older version fails and removes nothing' ({ store }) {
    const first = await write(store, keyOf('a'), null, entryOf('one'))
    const second = await write(store, keyOf('a'), first, entryOf('two'))
    assertSame(currentOf(await store.cas(keyOf('a'), first, null)), entryOf('two'), second)
    assertSame(await store.get(keyOf('a')), entryOf('two'), second)
  },

  async 'after a delete, updates fail with nothing there and an insert succeeds' ({ store }) {
    const first = await write(store, keyOf('a'), null, entryOf('one'))
    await write(store, keyOf('a'), first, null)
    assert.equal(currentOf(await store.cas(keyOf('a'), first, entryOf('two'))), null)
    assert.equal(currentOf(await store.cas(keyOf('a'), first, null)), null)
    const second = await write(store, keyOf('a'), null, entryOf('three'))
    assertSame(await store.get(keyOf('a')), entryOf('three'), second)
  },

  async 'a version is never used twice: not for the same body, and not after delete and re-insert' ({ store }) {
    const versions = []
    for (let life = 0; life < 3; life++) {
      let version = await write(store, keyOf('a'), null, entryOf('one'))
      versions.push(version)
      for (let update = 0; update < 3; update++) {
        version = await write(store, keyOf('a'), version, entryOf('one'))
        versions.push(version)
      }
      await write(store, keyOf('a'), version, null)
    }
    versions.push(await write(store, keyOf('b'), null, entryOf('one')))
    assert.equal(new Set(versions).size, versions.length)
  },

  async 'a version of an earlier life does not match after delete and re-insert' ({ store }) {
    const first = await write(store, keyOf('a'), null, entryOf('one'))
    await write(store, keyOf('a'), first, null)
    const second = await write(store, keyOf('a'), null, entryOf('one'))
    assertSame(currentOf(await store.cas(keyOf('a'), first, entryOf('two'))), entryOf('one'), second)
  },

  async 'keys are independent and exact, whatever characters they hold' ({ store }) {
    const keys = oddNames.flatMap((name) => [keyOf(name), `miro:grant:contract:raw:${name}`])
    const versions = new Map<string, string>()
    for (const key of keys) versions.set(key, await write(store, key, null, entryOf(`body of ${key}`)))
    for (const [key, version] of versions) assertSame(await store.get(key), entryOf(`body of ${key}`), version)
    await write(store, keyOf('*'), (await read(store, keyOf('*'))).version, null)
    versions.delete(keyOf('*'))
    for (const key of versions.keys()) await read(store, key)
  },

  async 'bodies come back exactly as they were written' ({ store }) {
    for (const [index, body] of oddBodies.entries()) {
      const key = keyOf(`body ${index}`)
      const inserted = await write(store, key, null, entryOf(body))
      assertSame(await store.get(key), entryOf(body), inserted)
      const updated = await write(store, key, inserted, entryOf(body + body))
      assertSame(currentOf(await store.cas(key, inserted, null)), entryOf(body + body), updated)
    }
  }
}
