import fc from 'fast-check'
import t from 'tap'
import { toReturnTo } from '../src/flow/return-to.js'
import { fuzzArguments } from './fixtures/fuzz/arguments.js'
import { createWorld } from './fixtures/world.js'

const origin = 'https://app.example'
const { runs, seed } = fuzzArguments({ runs: 10_000, seed: 'random' })

t.test('returnTo: a path of the app is kept, as an absolute URL', async (t) => {
  for (const [target, expected] of [
    ['/', '/'], ['/boards?x=1&y=%2F#part', '/boards?x=1&y=%2F#part'], ['boards', '/boards'], ['?x', '/?x'],
    ['https://app.example/ok', '/ok'], ['/a/../b', '/b'], ['/é', '/%C3%A9']
  ]) t.equal(toReturnTo(target, origin), origin + expected)
  t.equal(toReturnTo('/boards', 'http://localhost:3000'), 'http://localhost:3000/boards', 'on http too')
})

t.test('returnTo: a URL that leads elsewhere is refused (open redirect)', async (t) => {
  const hostile = [
    '//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example', '/\t/evil.example', '/\n/evil.example', '\t//evil.example',
    'https://evil.example', 'https:evil.example', 'http://app.example/', 'https://app.example.evil.example', 'https://app.example@evil.example',
    'https://user:pw@app.example/', 'https://user@app.example/', 'https://app.example:8443/', 'javascript:alert(1)', 'JaVaScRiPt:alert(1)',
    'data:text/html,x', 'blob:https://app.example/x', 'mailto:a@b', 'file:///etc/passwd', 'https://[', '', ' ', '\u0000', 'x'.repeat(513)
  ]
  for (const target of hostile) {
    const result = toReturnTo(target, origin)
    t.ok(result?.startsWith(`${origin}/`) ?? true, JSON.stringify(target))
  }
  for (const target of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', 'https://user:pw@app.example/', 'https://:pw@app.example/', 'blob:https://app.example/x', '']) {
    t.equal(toReturnTo(target, origin), null, target)
  }
  t.equal(toReturnTo('xhttps://app.example/', origin, { origins: ['null'] }), null, 'a scheme that ends in https is another')
})

t.test('returnTo: a path that begins with two slashes once it is parsed is refused', async (t) => {
  for (const target of [
    '/.//evil.example', '/..//evil.example', '/x/..//evil.example', '/%2e//evil.example', '/.\\/evil.example', './/evil.example/..//evil.example',
    '/\t.//evil.example', 'https://app.example//evil.example', 'https://app.example/.//evil.example'
  ]) t.equal(toReturnTo(target, origin), null, JSON.stringify(target))
  t.equal(toReturnTo('https://panel.example/.//evil.example', origin, { origins: ['https://panel.example'] }), null)
  t.equal(toReturnTo('/boards//1', origin), `${origin}/boards//1`, 'later in a path they are harmless')
})

t.test('returnTo: a value that is no text, too long or a loop is refused', async (t) => {
  for (const target of [undefined, null, 7, {}, ['/a'], `/${'é'.repeat(400)}`]) t.equal(toReturnTo(target, origin), null)
  for (const loop of ['/auth/miro/login?x', '/auth/miro/%6cogin', '/AUTH/miro/login', '/auth//miro/login/', 'https://app.example/auth/./miro/login']) {
    t.equal(toReturnTo(loop, origin, { forbidden: ['/auth/miro/login'] }), null, loop)
  }
  for (const path of ['/boards', '/authmiro/login', '/auth/miro/login/x']) {
    t.equal(toReturnTo(path, origin, { forbidden: ['/auth/miro/login'] }), origin + path, path)
  }
})

t.test('returnTo: a URL of 2048 characters is kept and a longer one refused, as it came and as it is sent', async (t) => {
  const longest = `${origin}/${'x'.repeat(2048 - origin.length - 1)}`
  t.equal(toReturnTo(longest, origin), longest)
  t.equal(toReturnTo(`${longest}x`, origin), null)
  t.equal(toReturnTo(longest.slice(origin.length) + 'x', origin), null, 'a path counts with its origin')
  t.equal(toReturnTo(`/${'./'.repeat(1024)}`, origin), null, 'a text that is shorter once it is parsed')
})

t.test('returnTo: any text gives null or a URL on the app\'s origin that a browser reads alike (property)', async (t) => {
  t.comment(`seed ${seed}`)
  // Fast-check's own texts of any characters, and its URLs, first build a table of all characters, for a second.
  const point = fc.nat({ max: 0x10FFFF }).filter((point) => point < 0xD800 || point > 0xDFFF)
  const text = fc.array(point.map((point) => String.fromCodePoint(point))).map((characters) => characters.join(''))
  const nasty = fc.oneof(
    text,
    fc.tuple(fc.constantFrom('https', 'http'), fc.domain(), text).map(([scheme, host, path]) => `${scheme}://${host}/${path}`),
    fc.array(fc.constantFrom('/', '\\', '.', '..', '@', ':', '?', '#', '%2f', '%5c', '\t', '\n', ' ', 'evil.example', 'app.example', 'https:', 'javascript:', '\u0000', '。', '／'), { maxLength: 8 }).map((parts) => parts.join(''))
  )
  fc.assert(fc.property(nasty, (target) => {
    const result = toReturnTo(target, origin)
    if (result === null) return true
    return result.startsWith(`${origin}/`) && new URL(result).origin === origin && new URL(result, 'https://elsewhere.example/x').href === result
  }), { numRuns: runs / 5, seed })
  t.pass()
})

t.test('requireGrant: a page whose address is longer than login returns to leads to a login that a server reads', async (t) => {
  const { app } = await createWorld(t)
  const headers = { accept: 'text/html', 'sec-fetch-mode': 'navigate' }
  const sent = async (url: string): Promise<string> => String((await app.inject({ url, headers })).headers.location)
  t.equal(await sent(`/boards?x=${'%2F'.repeat(4000)}`), '/auth/miro/login')
  const fits = `/boards?x=${'%2F'.repeat(650)}`
  t.equal(new URL(await sent(fits), 'http://localhost:3000').searchParams.get('returnTo'), fits)
  for (const returnTo of ['/auth/miro/login', '//evil.example', `/${'a'.repeat(3000)}`]) {
    t.equal(app.miro.loginUrl({ returnTo, teamId: '1' }), '/auth/miro/login?team_id=1', returnTo.slice(0, 20))
  }
})
