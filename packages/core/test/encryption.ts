import { createHash, createSecretKey, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { CompactEncrypt, type CompactJWEHeaderParameters } from 'jose'
import t, { type Test } from 'tap'
import { ConfigError, RecordError, StoreError } from '../src/errors.js'
import { grantKey } from '../src/grant/grant.js'
import { encryptedStore, memoryStore, type EncryptedStore, type Store } from '../src/index.js'
import { BodyReader } from '../src/store/encryption/body-reader.js'
import { toKeyRing } from '../src/store/encryption/key-ring.js'
import { seal } from '../src/store/encryption/sealed-body.js'
import { createFakeClock, storeContract, type ContractStore } from '../src/testing/index.js'
import { codeOf, createWorld, gate, ref } from './fixtures/fake-miro.js'

const minuteMs = 60_000
const place = 'miro:grant:app:1:2'
const body = '{"token":"planted-token-in-a-body"}'

function newKey (name: string): string {
  return `${name}:${randomBytes(32).toString('base64url')}`
}

const ours = newKey('ours')

async function insert (store: Store, key: string, text: string, expiresAt: number | null = null): Promise<void> {
  const { ok } = await store.cas(key, null, { body: text, expiresAt })
  if (!ok) throw new Error(`There is something under ${key}.`)
}

async function bodyIn (store: Store, key: string): Promise<string | null> {
  return (await store.get(key))?.body ?? null
}

/** A memory store, and the encrypted store around it. */
function createPair (keys: string | string[] = ours): { inner: Store, store: EncryptedStore } {
  const inner = memoryStore()
  return { inner, store: encryptedStore(inner, { keys }) }
}

function shown (value: unknown): string {
  return inspect(value, { depth: Infinity, showHidden: true }) + JSON.stringify(value)
}

t.test('encryption: an encrypted memory store keeps the store contract:', async (t) => {
  const setup = async (): Promise<ContractStore> => {
    const clock = createFakeClock()
    return { store: encryptedStore(memoryStore({ clock }), { keys: ours }), wait: clock.advance, now: clock.now }
  }
  for (const { name, run } of storeContract(setup)) t.test(name, run)
})

t.test('encryption: everything but the body is passed on as it is', async (t) => {
  const { inner, store } = createPair()
  await insert(store, place, body, Date.now() + minuteMs)
  const [through, beneath] = [await store.get(place), await inner.get(place)]
  t.strictSame([through?.version, through?.expiresAt, through?.body], [beneath?.version, beneath?.expiresAt, body])
  t.equal(beneath?.body.split('.').length, 5)
  t.notOk(beneath?.body.includes('token'))
  t.strictSame(await store.scan?.({ prefix: 'miro:', expiresBefore: null, limit: 10 }), { keys: [place] })
  const { get, cas } = inner
  t.equal(encryptedStore({ get, cas }, { keys: ours }).scan, undefined, 'a store without scan gets none')
})

t.test('encryption: two writes of one text are stored as different bodies', async (t) => {
  const { inner, store } = createPair()
  for (const key of ['miro:flow:1', 'miro:flow:2']) await insert(store, key, body)
  t.not(await bodyIn(inner, 'miro:flow:1'), await bodyIn(inner, 'miro:flow:2'))
})

t.test('encryption: the first key encrypts and all keys decrypt, in every form of the option', async (t) => {
  const [older, newer] = [newKey('2026-05'), newKey('2026.11_b')]
  const padded = `${older.replaceAll('-', '+').replaceAll('_', '/').replace('2026+05', '2026-05')}=`
  for (const keys of [[newer, older], `${newer},${older}`, ` ${newer} , ${older}\n`, [newer, padded], [`${newer},${older}`], `${newer}=,${older}=`]) {
    const inner = memoryStore()
    await insert(encryptedStore(inner, { keys: older }), place, body)
    const store = encryptedStore(inner, { keys })
    t.equal(await bodyIn(store, place), body)
    await insert(store, 'miro:link:app:1', body)
    t.equal(await bodyIn(encryptedStore(inner, { keys: newer }), 'miro:link:app:1'), body)
    t.equal(await codeOf(encryptedStore(inner, { keys: older }).get('miro:link:app:1')), 'MIRO_RECORD')
  }
})

t.test('encryption: a wrong key is refused with the name of the option, and not shown', async (t) => {
  const random = randomBytes(32)
  const named = (bytes: Buffer | Uint8Array): string => `k1:${Buffer.from(bytes).toString('base64url')}`
  const other = newKey('k2')
  const wrong: Record<string, unknown> = {
    missing: undefined,
    null: null,
    empty: '',
    'an empty list': [],
    'a list with nothing in it': [undefined],
    'a number': 12345678,
    'no name': random.toString('base64url'),
    'an empty name': `:${random.toString('base64url')}`,
    'an odd name': `k 1:${random.toString('base64url')}`,
    'a name with another alphabet': `kéy:${random.toString('base64url')}`,
    'a long name': `${'k'.repeat(65)}:${random.toString('base64url')}`,
    'a comma too many': `${other},`,
    '31 bytes': named(random.subarray(1)),
    '33 bytes': named(Buffer.concat([random, random.subarray(1, 2)])),
    'no bytes': 'k1:',
    'hexadecimal digits': `k1:${random.toString('hex')}`,
    'a typing error': `k1:${random.toString('base64url').slice(0, 20)}!${random.toString('base64url').slice(21)}`,
    zeros: named(Buffer.alloc(32)),
    'one byte, repeated': named(Buffer.alloc(32, 0xa7)),
    'two bytes, repeated': named(Buffer.alloc(32, Buffer.from([0x07, 0xf3]))),
    'sixteen bytes, twice': named(Buffer.concat([random.subarray(0, 16), random.subarray(0, 16)])),
    'sixteen bytes and zeros': named(Buffer.concat([random.subarray(0, 15), Buffer.alloc(17)])),
    'counting up': named(Buffer.from(Array.from({ length: 32 }, (_, index) => index))),
    'counting down': named(Buffer.from(Array.from({ length: 32 }, (_, index) => 200 - index))),
    'counting in steps, around': named(Buffer.from(Array.from({ length: 32 }, (_, index) => (128 + 7 * index) % 256))),
    'a passphrase': named(Buffer.from('Correct horse, battery staple 7!')),
    'hexadecimal digits, encoded again': named(Buffer.from(random.toString('hex').slice(0, 32))),
    'one name twice': [other, newKey('k2')],
    'one key twice': [other, other.replace('k2', 'k3')],
    'the second of two': [other, 'k1:short']
  }
  for (const [what, keys] of Object.entries(wrong)) {
    const error = errorOf(() => encryptedStore(memoryStore(), Object.assign({ keys: other }, { keys })))
    t.ok(error instanceof ConfigError, what)
    t.match(error.message, /^The option keys[ :]/, what)
    for (const text of [keys].flat().filter((key) => typeof key === 'string' && key !== '')) {
      t.notOk(shown(error).includes(String(text).replace(/^\w*:/, '') || '\u0000'), `${what}: not shown`)
    }
  }
  t.match(errorOf(() => encryptedStore(memoryStore(), { keys: [other, 'k1:short'] })).message, /number 2 .*base64url.*node -p/, 'the error says which key is wrong, and how to make one')
})

t.test('encryption: a random key is never refused as weak', async (t) => {
  t.doesNotThrow(() => { for (let count = 0; count < 500; count++) toKeyRing(newKey('k')) })
})

t.test('encryption: every key in the documents of this repository is refused', async (t) => {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const found = documentsUnder(root).flatMap((path) => readFileSync(path, 'utf8').match(/[\w.-]+:[\w+/-]{43}=?(?![\w+/=-])/g) ?? [])
  t.ok(found.length > 1)
  for (const key of found) {
    const error = errorOf(() => encryptedStore(memoryStore(), { keys: key.replace(/^.*:/, 'k:') }))
    t.ok(error instanceof ConfigError, key)
    t.match(error.message, /documentation/)
  }
})

t.test('encryption: store and dangerouslyReadPlain are checked too', async (t) => {
  for (const store of [undefined, null, {}, { get: async () => null }, 'postgres://localhost']) {
    t.match(errorOf(() => encryptedStore(Object(store), { keys: ours })).message, /option store/)
  }
  for (const dangerouslyReadPlain of ['false', 0, null]) {
    t.match(errorOf(() => encryptedStore(memoryStore(), Object.assign({ keys: ours }, JSON.parse(JSON.stringify({ dangerouslyReadPlain }))))).message, /option dangerouslyReadPlain/)
  }
})

t.test('encryption: the store object shows no part of a key', async (t) => {
  const { store } = createPair()
  const secret = ours.slice('ours:'.length)
  for (const form of [secret, Buffer.from(secret, 'base64url').toString('hex'), Array.from(Buffer.from(secret, 'base64url')).slice(0, 8).join(', ')]) {
    t.notOk(shown(store).includes(form))
  }
})

/** Asserts that every call rejects this body with MIRO_RECORD, shows nothing of it, and leaves it as it is. */
async function assertRefused (t: Test, stored: string, { keys = ours, at = place, what = stored }: {
  keys?: string
  at?: string
  what?: string
} = {}): Promise<void> {
  const { inner, store } = createPair(keys)
  await insert(inner, at, stored)
  const before = await inner.get(at)
  for (const call of [() => store.get(at), () => store.cas(at, null, { body, expiresAt: null }), () => store.cas(at, 'another version', null)]) {
    const error = await call().then(() => null, (reason: unknown) => reason)
    t.ok(error instanceof RecordError, what)
    t.ok(error instanceof Error && error.cause === undefined)
    t.notOk(shown(error).includes('planted-token') || (stored !== '' && shown(error).includes(stored)))
  }
  t.strictSame([(await inner.get(at))?.version, await bodyIn(inner, at)], [before?.version, stored])
}

t.test('encryption: a body that was not sealed for this record is MIRO_RECORD, and left as it is:', async (t) => {
  const key = createSecretKey(Buffer.from(ours.slice('ours:'.length), 'base64url'))
  const record = createHash('sha256').update(place).digest('base64url')
  const right = { alg: 'A256KW', enc: 'A256GCM', kid: 'ours', record }
  const jweOf = (header: CompactJWEHeaderParameters, secret: typeof key | Uint8Array = key): Promise<string> => {
    return new CompactEncrypt(Buffer.from(body)).setProtectedHeader(header).encrypt(secret)
  }
  const { first } = toKeyRing(ours)
  const sealed = await seal(body, place, first)
  const [header = '', ...rest] = sealed.split('.')

  t.test('a right body is read', async (t) => {
    for (const stored of [sealed, await jweOf(right)]) {
      const { inner, store } = createPair()
      await insert(inner, place, stored)
      t.equal(await bodyIn(store, place), body)
    }
  })

  const bodies: Record<string, string> = {
    'of another record': await seal(body, 'miro:grant:app:1:3', first),
    'of another kind': await seal(body, 'miro:session:app:1:2', first),
    'of an unknown key': await seal(body, place, { ...first, name: 'theirs' }),
    'of another key with a known name': await seal(body, place, toKeyRing(newKey('ours')).first),
    'without the record': await jweOf({ alg: 'A256KW', enc: 'A256GCM', kid: 'ours' }),
    'without the key\'s name': await jweOf({ alg: 'A256KW', enc: 'A256GCM', record }),
    'with a name that every object has': await jweOf({ ...right, kid: 'constructor' }),
    'under the key itself': await jweOf({ ...right, alg: 'dir' }),
    'under another way to wrap a key': await jweOf({ ...right, alg: 'A256GCMKW' }),
    'under a passphrase': await jweOf({ ...right, alg: 'PBES2-HS512+A256KW' }, Buffer.from('passphrase')),
    'with another content encryption': await jweOf({ ...right, enc: 'A256CBC-HS512' }),
    'with a shorter content key': await jweOf({ ...right, enc: 'A128GCM' }),
    compressed: await jweOf({ ...right, zip: 'DEF' }),
    'with another header': [Buffer.from(JSON.stringify({ ...right, more: 1 })).toString('base64url'), ...rest].join('.'),
    'with an unknown algorithm': [Buffer.from(JSON.stringify({ ...right, alg: 'none' })).toString('base64url'), ...rest].join('.'),
    plain: body,
    'plain, and no JSON': 'planted-token',
    empty: '',
    'only dots': '....',
    'a header alone': header,
    truncated: sealed.slice(0, -1),
    'truncated by a part': sealed.slice(0, sealed.lastIndexOf('.')),
    'longer by a part': `${sealed}.${header}`,
    'twice there': sealed + sealed,
    'in capitals': sealed.toUpperCase()
  }
  for (const [what, stored] of Object.entries(bodies)) t.test(what, async (t) => assertRefused(t, stored, { what }))
})

t.test('encryption: a body that was made without this code, from RFC 7516, 7518 and 3394, is read', async (t) => {
  const { inner, store } = createPair('first:wUkft5nMKrGQURibvOAZ-_qJd3rhuV11WppNn2PdE-w')
  const sealed = [
    'eyJhbGciOiJBMjU2S1ciLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiZmlyc3QiLCJyZWNvcmQiOiI2RDkxMlRzdkxXVjBOa05CZFhPaW9IQXhCTU5uMjN1QlA1UjQzcGk3WV9rIn0',
    'wvZM_BDkqdjYj8qgnLcvtXr8gu59yT57JTMvb4aZ1emBWdi4BwmBFA',
    'ZuFASKHGsAk0EaY6',
    'JDAM8tYRxsA',
    'SZ0Jhzov-CHfbgQico1Qfg'
  ].join('.')
  await insert(inner, place, sealed)
  t.equal(await bodyIn(store, place), '{"é":1}')
})

t.test('encryption: a body with any character changed is refused', async (t) => {
  const ring = toKeyRing(ours)
  const reader = new BodyReader(ring, { readsPlain: false })
  const sealed = await seal('{}', place, ring.first)
  const isRead = async (
    stored: string
  ): Promise<boolean> => reader.read(place, stored).then(() => true, (error: unknown) => {
    if (!(error instanceof RecordError)) throw error
    return false
  })
  t.ok(await isRead(sealed))
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= +/\n\u0000é'
  // The last character of a part stands for fewer than six bits, so that several spellings could mean the same: all are
  // tried.
  for (const [index, letter] of Array.from(sealed).entries()) {
    const isLast = sealed[index + 1] === '.' || index === sealed.length - 1
    const others = isLast ? Array.from(letters) : [letters[index % letters.length] ?? '', letters[(index * 7 + 3) % letters.length] ?? '']
    for (const other of others.filter((one) => one !== letter)) {
      if (await isRead(sealed.slice(0, index) + other + sealed.slice(index + 1))) t.fail(`character ${index} became ${JSON.stringify(other)}`)
    }
  }
  const spot = fc.nat({ max: sealed.length })
  await fc.assert(fc.asyncProperty(spot, spot, fc.oneof(fc.constant(''), fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 }), spot.map((at) => sealed.slice(at, at + 8))), async (a, b, between) => {
    const changed = sealed.slice(0, Math.min(a, b)) + between + sealed.slice(Math.max(a, b))
    return changed === sealed || !await isRead(changed)
  }), { numRuns: 500, seed: 20_261_122 })
})

t.test('encryption: a decrypted body is remembered for the same text under the same key only', async (t) => {
  let lookups = 0
  const ring = toKeyRing(ours)
  const reader = new BodyReader({
    ...ring,
    find: (name) => { lookups++; return ring.find(name) }
  }, { readsPlain: false, limit: 2 })
  const lookupsFor = async (key: string, stored: string): Promise<number> => {
    const before = lookups
    await reader.recall(key, stored).catch(() => {})
    return lookups - before
  }
  const [one, other] = [await seal('1', 'a', ring.first), await seal('2', 'a', ring.first)]
  t.strictSame(await Promise.all([reader.recall('a', one), reader.recall('a', one)]), ['1', '1'])
  t.equal(lookups, 1, 'two calls at once share one decryption')
  t.equal(await lookupsFor('a', one), 0)
  t.equal(await reader.recall('a', other), '2', 'another text is decrypted anew')
  t.equal(await codeOf(reader.recall('b', other)), 'MIRO_RECORD', 'the same text under another key is not decrypted')
  t.equal(await lookupsFor('b', other), 1, 'a failure is not remembered')
  t.equal(await lookupsFor('a', other), 0)
  for (const key of ['c', 'd']) await reader.recall(key, await seal('3', key, ring.first))
  t.equal(await lookupsFor('a', other), 1, 'no more than two are remembered')
})

t.test('encryption: a grant is connected, refreshed and disconnected, and the store never sees a token', async (t) => {
  const { clock, miro, store: inner, process } = createWorld()
  const bodies: string[] = []
  const watched: Store = {
    ...inner,
    cas: async (key, expected, next) => {
      if (next !== null) bodies.push(next.body)
      return inner.cas(key, expected, next)
    }
  }
  const [one, two] = [0, 1].map(() => process({ store: encryptedStore(watched, { keys: ours }) }))
  await one?.connect(miro.issue(), { appUserId: 'user-1' })
  t.equal(await two?.accessToken(ref), 'access-1')
  t.equal((await two?.grants('user-1'))?.[0]?.userId, ref.userId)
  clock.jump(61 * minuteMs)
  t.strictSame(await Promise.all([one?.accessToken(ref), one?.accessToken(ref)]), ['access-2', 'access-2'])
  t.equal(await two?.accessToken(ref), 'access-2')
  t.equal(miro.refreshes().length, 1)
  t.equal(await codeOf(process().accessToken(ref)), 'MIRO_RECORD', 'a process without the keys cannot read or write the record')
  t.same(await two?.disconnect(ref), { ended: true, revoked: true })
  t.equal(await codeOf(one?.accessToken(ref) ?? Promise.resolve()), 'MIRO_NOT_CONNECTED')

  t.ok(bodies.length >= 5)
  // Long ones: four characters of base64 come up by chance once in a thousand runs.
  const needles = ['access-1', 'access-2', 'refresh-1', 'refresh-2', ref.userId, '"status":"active"'].flatMap(formsOf)
  t.ok(needles.every((needle) => needle.length > 5))
  for (const needle of needles) t.notOk(bodies.some((stored) => stored.includes(needle)), needle)

  const plain = JSON.stringify({ accessToken: 'access-1' })
  t.ok(formsOf('access-1').some((form) => plain.includes(form)), 'the search finds the plain token')
  t.ok(formsOf('access-1').some((form) => Buffer.from(plain).toString('base64').includes(form)))
})

/** The forms of a text: raw, in base64 at each offset in a longer one, and in hex. */
function formsOf (text: string): string[] {
  const encoded = [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)])
    return bytes.subarray(0, bytes.length - bytes.length % 3).toString('base64url').slice(before === 0 ? 0 : 4)
  })
  return [text, ...encoded, Buffer.from(text).toString('hex')]
}

const [old, renewed] = [newKey('2026-05'), newKey('2026-11')]

/** Fills a store with forty encrypted records, half of them without expiry. */
async function fill (inner: Store, keys: string): Promise<string[]> {
  const names = Array.from({ length: 40 }, (_, index) => `miro:${index % 2 === 0 ? 'grant' : 'link'}:app:${index}`)
  const store = encryptedStore(inner, { keys })
  for (const [index, name] of names.entries()) await insert(store, name, `{"number":${index}}`, index % 2 === 0 ? Date.now() + minuteMs + index : null)
  return names
}

t.test('encryption: rewrap puts every record under the first key, and keeps bodies and expiries', async (t) => {
  const inner = memoryStore()
  const names = await fill(inner, old)
  const expiries = await Promise.all(names.map(async (name) => (await inner.get(name))?.expiresAt))
  const store = encryptedStore(inner, { keys: [renewed, old] })
  await insert(store, 'miro:link:app:current', body)
  const current = await inner.get('miro:link:app:current')
  t.strictSame(await store.rewrap(), { rewrapped: 40, unreadable: 0 })
  t.equal((await inner.get('miro:link:app:current'))?.version, current?.version, 'a record under the first key is not written again')
  t.strictSame(await store.rewrap(), { rewrapped: 0, unreadable: 0 })
  const after = encryptedStore(inner, { keys: renewed })
  for (const [index, name] of names.entries()) {
    const found = await after.get(name)
    t.strictSame([found?.body, found?.expiresAt], [`{"number":${index}}`, expiries[index]])
  }
})

t.test('encryption: rewrap counts the records that it cannot read, and leaves them as they are', async (t) => {
  const inner = memoryStore()
  await fill(inner, old)
  const broken = { plain: body, unknown: await seal(body, 'miro:grant:x:unknown', toKeyRing(newKey('lost')).first), moved: (await inner.get('miro:grant:app:0'))?.body ?? '', torn: 'eyJhbGciOiJBMjU2S1ci' }
  for (const [name, stored] of Object.entries(broken)) await insert(inner, `miro:grant:x:${name}`, stored)
  const store = encryptedStore(inner, { keys: [renewed, old] })
  t.strictSame(await store.rewrap(), { rewrapped: 40, unreadable: 4 })
  t.strictSame(await store.rewrap(), { rewrapped: 0, unreadable: 4 })
  for (const [name, stored] of Object.entries(broken)) t.equal(await bodyIn(inner, `miro:grant:x:${name}`), stored)
})

t.test('encryption: rewrap stops when its signal aborts, and goes on from its cursor', async (t) => {
  const inner = memoryStore()
  const [first = ''] = await fill(inner, old)
  const store = encryptedStore(inner, { keys: [renewed, old] })
  await t.rejects(store.rewrap({ signal: AbortSignal.abort(new Error('enough')) }), { message: 'enough' })
  const stop = new AbortController()
  const run = store.rewrap({ signal: stop.signal })
  stop.abort()
  const { cursor, ...result } = await run
  t.strictSame(result, { rewrapped: 20, unreadable: 0 })
  t.type(cursor, 'string')
  const earlier = encryptedStore(inner, { keys: [old, renewed] })
  await earlier.cas(first, (await earlier.get(first))?.version ?? null, { body, expiresAt: null })
  t.strictSame(await store.rewrap({ cursor }), { rewrapped: 20, unreadable: 0 }, 'a record that was written before the cursor is left to the next run')
  t.strictSame(await store.rewrap(), { rewrapped: 1, unreadable: 0 })
})

t.test('encryption: rewrap in several processes at once writes each record once', async (t) => {
  const inner = memoryStore()
  let writes = 0
  const counted: Store = {
    ...inner,
    cas: async (...args) => { const result = await inner.cas(...args); if (result.ok) writes++; return result }
  }
  await fill(inner, old)
  const runs = await Promise.all([1, 2, 3].map(() => encryptedStore(counted, { keys: [renewed, old] }).rewrap()))
  t.equal(runs.reduce((sum, { rewrapped }) => sum + rewrapped, 0), 40)
  t.equal(writes, 40)
})

t.test('encryption: a write that comes while rewrap is at its record wins, under any key', async (t) => {
  for (const keys of [[renewed, old], [old, renewed]]) {
    const inner = memoryStore()
    await insert(encryptedStore(inner, { keys: old }), place, '1')
    const writer = encryptedStore(inner, { keys })
    let reads = 0
    const raced: Store = {
      ...inner,
      async get (key) {
        const found = await inner.get(key)
        if (reads++ === 0) await writer.cas(key, found?.version ?? null, { body: '2', expiresAt: null })
        return found
      }
    }
    t.strictSame(await encryptedStore(raced, { keys: [renewed, old] }).rewrap(), {
      rewrapped: keys[0] === old ? 1 : 0,
      unreadable: 0
    })
    t.equal(await bodyIn(encryptedStore(inner, { keys: renewed }), place), '2')
  }
  const inner = memoryStore()
  await insert(encryptedStore(inner, { keys: old }), place, '1')
  const deleting: Store = {
    ...inner,
    async get (key) {
      const found = await inner.get(key)
      await inner.cas(key, found?.version ?? null, null)
      return found
    }
  }
  t.strictSame(await encryptedStore(deleting, { keys: [renewed, old] }).rewrap(), { rewrapped: 0, unreadable: 0 })
  t.equal(await inner.get(place), null, 'a deleted record stays deleted')
})

t.test('encryption: rewrap without scan is MIRO_CONFIG, and an error of the store is passed on', async (t) => {
  const { get, cas, scan } = memoryStore()
  t.equal(await codeOf(encryptedStore({ get, cas }, { keys: ours }).rewrap()), 'MIRO_CONFIG')
  const inner: Store = { get: async () => { throw new StoreError(null) }, cas, ...(scan === undefined ? {} : { scan }) }
  await cas(place, null, { body, expiresAt: null })
  t.equal(await codeOf(encryptedStore(inner, { keys: ours }).rewrap()), 'MIRO_STORE')
})

t.test('encryption: a pair that arrives after its leased record was rewrapped is stored', async (t) => {
  const { clock, miro, store: inner, process } = createWorld()
  const auth = process({ store: encryptedStore(inner, { keys: [old, renewed] }) })
  await auth.connect(miro.issue())
  clock.jump(61 * minuteMs)
  const answered = gate()
  const asked = gate()
  miro.answer = async ({ path }) => {
    if (path === '/v1/oauth/token') { asked.open(); await answered.promise }
    return undefined
  }
  const token = auth.accessToken(ref)
  await asked.promise
  const rotated = encryptedStore(inner, { keys: [renewed, old] })
  t.strictSame(await rotated.rewrap(), { rewrapped: 1, unreadable: 0 })
  answered.open()
  t.equal(await token, 'access-2')
  t.equal(await process({ store: rotated }).accessToken(ref), 'access-2')
  t.equal(miro.refreshes().length, 1)
})

t.test('encryption: two deployments change the key while old and new processes run side by side', async (t) => {
  const { clock, miro, store: inner, process } = createWorld()
  const deploy = (keys: string): { store: EncryptedStore, refresh: () => Promise<string> } => {
    const store = encryptedStore(inner, { keys })
    const auth = process({ store })
    return { store, refresh: async () => { clock.jump(61 * minuteMs); return auth.accessToken(ref) } }
  }
  /** Both refresh in turns, so that each reads what the other wrote. */
  const overlap = async (...sides: Array<ReturnType<typeof deploy>>): Promise<void> => {
    for (const { refresh } of [...sides, ...sides]) t.equal(await refresh(), `access-${miro.refreshes().length + 1}`)
  }
  const before = deploy(old)
  await process({ store: before.store }).connect(miro.issue(), { appUserId: 'user-1' })
  const first = deploy(`${old},${renewed}`)
  await overlap(before, first)
  const second = deploy(`${renewed},${old}`)
  await overlap(first, second)
  await first.refresh()
  t.strictSame(await second.store.rewrap(), { rewrapped: 2, unreadable: 0 }, 'the grant and its link')
  await overlap(first, second)
  await first.refresh()
  t.strictSame(await second.store.rewrap(), { rewrapped: 1, unreadable: 0 }, 'a process of the first deployment still wrote under the old key')
  t.strictSame(await second.store.rewrap(), { rewrapped: 0, unreadable: 0 })
  const third = deploy(renewed)
  await overlap(second, third)
  t.equal((await process({ store: third.store }).grants('user-1')).length, 1)
  t.equal(await codeOf(before.refresh()), 'MIRO_RECORD', 'a process that skipped a step gets no token')
  t.equal(await third.refresh(), `access-${miro.refreshes().length + 1}`, 'the skipped step costs no grant')
})

t.test('encryption: dangerouslyReadPlain reads a plain store with a warning, and encrypts it in use', async (t) => {
  const warnings: unknown[] = []
  const onWarning = (warning: Error & { code?: string }): void => { warnings.push(warning.code) }
  process.on('warning', onWarning)
  t.teardown(() => { process.off('warning', onWarning) })
  const { clock, miro, store: inner, process: start } = createWorld()
  const before = start()
  await before.connect(miro.issue(), { appUserId: 'user-1' })
  await insert(inner, 'miro:flow:app:1', 'null')
  await insert(inner, 'miro:grant:x:torn', 'eyJhbGciOiJBMjU2S1ci')
  await insert(inner, 'miro:grant:x:odd', '{"torn')
  t.equal(await codeOf(start({ store: encryptedStore(inner, { keys: ours }) }).accessToken(ref)), 'MIRO_RECORD')

  const store = encryptedStore(inner, { keys: ours, dangerouslyReadPlain: true })
  const after = start({ store })
  t.equal(await after.accessToken(ref), 'access-1')
  clock.jump(61 * minuteMs)
  t.equal(await after.accessToken(ref), 'access-2')
  t.equal(await codeOf(before.accessToken(ref)), 'MIRO_RECORD', 'a process without encryption cannot read or write the record any more')
  t.equal(await codeOf(store.get('miro:grant:x:torn')), 'MIRO_RECORD')
  t.strictSame(await store.rewrap(), { rewrapped: 2, unreadable: 2 }, 'the link and the flow are rewrapped, the torn bodies are not')
  t.strictSame(await store.rewrap(), { rewrapped: 0, unreadable: 2 })

  const strict = encryptedStore(inner, { keys: ours })
  t.equal(await start({ store: strict }).accessToken(ref), 'access-2')
  t.equal(await bodyIn(strict, 'miro:flow:app:1'), 'null')
  t.equal((await start({ store: strict }).grants('user-1')).length, 1)
  t.equal(miro.refreshes().length, 1)
  await insert(inner, grantKey('app', ref), body)
  t.equal(await codeOf(strict.get(grantKey('app', ref))), 'MIRO_RECORD')
  t.strictSame(warnings, ['MIRO_READ_PLAIN'])
})

function errorOf (work: () => unknown): Error {
  try {
    work()
  } catch (error) {
    if (error instanceof Error) return error
  }
  return new Error('Nothing was thrown.')
}

/** Documents, examples of environments, and sources, whose comments are documents too. */
function documentsUnder (folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((found) => {
    const path = `${folder}/${found.name}`
    if (found.isDirectory()) return /^(\..+|node_modules|dist|coverage|test)$/.test(found.name) ? [] : documentsUnder(path)
    return /(\.md|\.env.*|\.ya?ml|\.ts)$/.test(found.name) ? [path] : []
  })
}

t.test('encryption: MIRO_RECORD names the key that is missing, and nothing else of a record', async (t) => {
  const store = memoryStore()
  const keyUnder = (name: string): string => `${name}:${randomBytes(32).toString('base64url')}`
  await encryptedStore(store, { keys: keyUnder('2025-11') }).cas('miro:grant:a:b:c', null, { body: '{"a":1}', expiresAt: null })
  const error = await encryptedStore(store, { keys: keyUnder('2026-11') }).get('miro:grant:a:b:c').catch((error: unknown) => error)
  t.match(error, { code: 'MIRO_RECORD', message: /"2025-11"/ })

  const header = Buffer.from(JSON.stringify({ alg: 'A256KW', enc: 'A256GCM', kid: '<b>planted\n' })).toString('base64url')
  await store.cas('miro:grant:a:b:d', null, { body: `${header}.a.b.c.d`, expiresAt: null })
  const forged = await encryptedStore(store, { keys: keyUnder('2026-11') }).get('miro:grant:a:b:d').catch((error: unknown) => error)
  t.match(forged, { code: 'MIRO_RECORD' })
  t.notMatch(String(forged), /planted/)
})
