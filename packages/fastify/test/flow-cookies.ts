import t, { type Test } from 'tap'
import { CookieSeal } from '../src/http/cookie-seal.js'
import { memoryStore, type FastifyMiroOptions, type Store } from '../src/index.js'
import { Browser, locationOf } from './fixtures/browser.js'
import { authorize, createWorld, signIn, type World } from './fixtures/world.js'

const origin = 'https://app.example'
const redirectUri = `${origin}/auth/miro/callback`
const budget = 4096
/** A page with twelve filters. */
const filters = `/boards?${Array.from({ length: 12 }, (_, index) => `filter[${index}][field]=owner&filter[${index}][value]=person-${index}`).join('&')}`
const addresses: Record<string, string> = {
  'a short path': '/boards?x=1',
  'twelve filters': new URL(filters, origin).href.slice(origin.length),
  'ninety Cyrillic letters': `/boards?q=${encodeURIComponent('я'.repeat(90))}`,
  'sixty Japanese ones': `/boards?q=${encodeURIComponent('板'.repeat(60))}`,
  'Cyrillic in the path': `/boards/../boards?доска=${'ы'.repeat(80)}`,
  'a hundred and sixty emoji': `/boards?q=${encodeURIComponent('😀'.repeat(160))}`,
  'quotation marks, which JSON escapes': `/boards?q=${'%22\\'.repeat(40)}`,
  'as long as may be': `/boards?q=${'a'.repeat(2048 - origin.length - '/boards?q='.length)}`
}

/** An app on https, where cookies have their longest names. */
async function createHttpsWorld (t: Test, options: Partial<FastifyMiroOptions> = {}): Promise<World> {
  const world = await createWorld(t, {
    redirectUri,
    ...options
  }, {}, { seed: { app: { redirectUris: [redirectUri] } } })
  return { ...world, browser: () => new Browser(world.app, 'app.example') }
}

function bytesOf ({ cookies }: Browser): number {
  return Buffer.byteLength(Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; '))
}

/**
 * Opens pages at once, as a restored window does: none of the requests carries the cookies that the others are given.
 */
async function openAtOnce (person: Browser, world: World, urls: string[]): Promise<URL[]> {
  const before = [...person.cookies]
  return Promise.all(urls.map(async (url) => {
    const tab = world.browser()
    for (const [name, value] of before) tab.cookies.set(name, value)
    const login = url.startsWith('/auth/') ? url : String((await tab.go(url)).headers.location)
    const miro = locationOf(await tab.go(login))
    for (const [name] of before.filter(([name]) => !tab.cookies.has(name))) person.cookies.delete(name)
    for (const [name, value] of tab.cookies) {
      if (!before.some((
        [known]
      ) => known === name)) person.cookies.set(name, value)
    }
    return miro
  }))
}

/** In connect mode there is no session beside the flow cookies: one address suffices. */
const modes: Array<[mode: string, options: Partial<FastifyMiroOptions>, addresses: Array<[string, string]>]> = [
  ['sign-in', {}, Object.entries(addresses)],
  ['connect', { appUserId: () => 'ann' }, Object.entries(addresses).slice(-1)]
]
for (const [mode, options, pairs] of modes) {
  for (const [name, address] of pairs) {
    t.test(`flow: twenty tabs at once, ${mode} mode, ${name}: 4 KB of cookies, and each tab lands on its own page`, async (t) => {
      const world = await createHttpsWorld(t, options)
      const person = world.browser()
      await signIn(person)
      for (let tab = 0; tab < 5; tab++) {
        world.emulator.clock.advance(1000)
        await person.go('/auth/miro/login?returnTo=%2Fboards%3Fone-after-the-other')
      }
      t.equal(person.named('_flow_').length, 5)
      const pages = Array.from({ length: 20 }, (_, index) => address.length > 1900 ? address.slice(0, -3) + index : `${address}&tab=${index}`)
      const tabs = await openAtOnce(person, world, pages.map((page) => `/auth/miro/login?${new URLSearchParams({ returnTo: page }).toString()}`))
      t.equal(person.named('_flow_').length, 24)
      t.ok(bytesOf(person) <= budget, `${bytesOf(person)} bytes`)
      for (const index of [0, 7, 19]) {
        const callback = await authorize(tabs[index] ?? '')
        const answer = await person.go(callback.pathname + callback.search)
        t.equal(answer.headers.location, new URL(pages[index] ?? '', origin).href)
      }
    })
  }
}

t.test('flow: what a failed callback keeps in the browser stays within 4 KB, beside a session and the largest cookies of twenty tabs', async (t) => {
  const world = await createHttpsWorld(t)
  const logins = await Promise.all(Array.from({ length: 80 }, async (_, length) => {
    const login = `/auth/miro/login?returnTo=${encodeURIComponent(`/${'a'.repeat(length)}`)}`
    const tab = world.browser()
    await tab.go(login)
    return { login, bytes: bytesOf(tab) }
  }))
  const [{ login = '' } = {}] = logins.sort((one, other) => other.bytes - one.bytes)
  const person = world.browser()
  await signIn(person)
  for (let tab = 0; tab < 5; tab++) {
    world.emulator.clock.advance(1000)
    await person.go(login)
  }
  await openAtOnce(person, world, Array(20).fill(login))
  t.equal(person.named('_flow_').length, 24)
  t.equal((await person.go('/auth/miro/callback?code=x&state=x')).statusCode, 400)
  t.equal(person.named('_result').length, 1)
  t.ok(bytesOf(person) <= budget, `${bytesOf(person)} bytes`)
})

for (const [name, address] of Object.entries(addresses)) {
  t.test(`requireGrant: a page that is opened signed out comes back after login: ${name}`, async (t) => {
    const world = await createHttpsWorld(t)
    const person = world.browser()
    const page = new URL(address, origin)
    const login = String((await person.go(page.pathname + page.search)).headers.location)
    t.ok(login.length < 8000, 'login\'s address fits in a request line')
    t.equal((await signIn(person, login)).headers.location, page.href)
  })
}

t.test('flow: an address of more than 2 KB leads to the default page', async (t) => {
  const world = await createHttpsWorld(t, { defaultReturnTo: '/start' })
  for (const address of [`/boards?q=${'a'.repeat(2048)}`, `/boards?q=${'я'.repeat(400)}`]) {
    const login = `/auth/miro/login?${new URLSearchParams({ returnTo: address }).toString()}`
    t.equal((await signIn(world.browser(), login)).headers.location, `${origin}/start`)
  }
})

t.test('flow: a long address of another allowed origin is kept whole', async (t) => {
  const returnTo = `https://panel.example/x?q=${'a'.repeat(1500)}`
  const world = await createHttpsWorld(t, { returnToOrigins: ['https://panel.example'] })
  t.equal((await signIn(world.browser(), `/auth/miro/login?returnTo=${encodeURIComponent(returnTo)}`)).headers.location, returnTo)
})

t.test('flow: short targets leave nothing in the store, and long ones are the first to be forgotten', async (t) => {
  const inner = memoryStore()
  const written: string[] = []
  let isFull = false
  const store: Store = {
    get: async (key) => isFull && key.endsWith(':target') ? null : inner.get(key),
    cas: async (key, ...rest) => {
      written.push(key)
      return inner.cas(key, ...rest)
    }
  }
  const world = await createHttpsWorld(t, { store, defaultReturnTo: '/start' })
  await world.browser().go('/auth/miro/login?returnTo=%2Fboards%3Foffset%3D6')
  await world.browser().go('/auth/miro/login')
  t.same(written, [])
  const person = world.browser()
  const login = `/auth/miro/login?${new URLSearchParams({ returnTo: filters }).toString()}`
  await person.go(login)
  t.equal(written.length, 1)
  t.match(written[0], /^miro:flow:/)
  isFull = true
  t.equal((await signIn(person, login)).headers.location, `${origin}/start`, 'signed in all the same')
})

t.test('flow: a store that fails while a long address is kept gives MIRO_STORE and sets no cookie', async (t) => {
  const failing = async (): Promise<never> => { throw new Error('planted') }
  const world = await createHttpsWorld(t, { store: { get: failing, cas: failing } })
  const person = world.browser()
  const answer = await person.call(`/auth/miro/login?${new URLSearchParams({ returnTo: filters }).toString()}`)
  t.equal(answer.json().code, 'MIRO_STORE')
  t.equal(person.cookies.size, 0)
  t.equal((await person.go('/auth/miro/login?returnTo=%2Fboards')).statusCode, 303)
})

t.test('flow: a login opens none of the flow cookies that it is sent, however many, and keeps the newest by the time that they claim', async (t) => {
  const world = await createHttpsWorld(t)
  const person = world.browser()
  await person.go('/auth/miro/login')
  const [[name = '', value = ''] = []] = person.cookies
  const forged = (index: number, time: number): [string, string] => {
    return [name.replace(/_flow_.*/, `_flow_${String(index).padStart(22, 'x')}`), value.replace(/^\w+/, time.toString(36))]
  }
  const now = world.emulator.clock.now()
  for (let index = 0; index < 112; index++) person.cookies.set(...forged(index, now - 1000 - index))
  const { args } = t.capture(CookieSeal.prototype, 'open', CookieSeal.prototype.open)
  await person.go('/auth/miro/login')
  t.strictSame(args(), [])
  t.equal(person.named('_flow_').length, 5)
  t.ok(person.cookies.has(name), 'the flow that began last is among them')
})

t.test('cookie seal: a value that was changed in any place, cut, moved to another cookie or made older opens nothing', async (t) => {
  const seal = new CookieSeal(['a cookie secret of at least 32 characters'])
  const value = await seal.seal('miro_1_flow_x', '[null,"/"]', 1_700_000_000_000)
  t.not(await seal.open('miro_1_flow_x', value), null)
  for (let at = 0; at < value.length; at++) {
    // Of the last character of a part some bits stand for nothing (RFC 4648, section 3.5).
    const other = /[A-Z]/.test(value.charAt(at)) ? 'z' : 'A'
    t.equal(await seal.open('miro_1_flow_x', value.slice(0, at) + other + value.slice(at + 1)), null, `changed at ${at}`)
    t.equal(await seal.open('miro_1_flow_x', value.slice(0, at)), null, `cut at ${at}`)
  }
  const [time, iv, ciphertext, tag = ''] = value.split('.')
  // A tag of four bytes could be guessed.
  t.equal(await seal.open('miro_1_flow_x', [time, iv, ciphertext, tag.slice(0, 6)].join('.')), null)
  for (const other of [`${value}.`, `${value}A`, `.${value}`, [time, iv, ciphertext, tag, ''].join('.'), ` ${value}`]) {
    t.equal(await seal.open('miro_1_flow_x', other), null)
  }
  t.equal(await seal.open('miro_1_flow_y', value), null)
  t.equal(await seal.open('miro_1_flow_x', value.replace(/^\w+/, (1_700_000_000_001).toString(36))), null)
  t.not(await seal.seal('miro_1_flow_x', '[null,"/"]', 1_700_000_000_000), value, 'no initialization vector twice')
})
