import { issueTokens, revokeToken, throughInject, Visitor } from '@miro-oauth/example-shared/testing'
import { signInAs } from '@miro-oauth/fastify/testing'
import t from 'tap'
import { buildApp } from '../src/app.js'
import { browserName } from '../src/browser-name.js'
import { origin, signIn, startExample, startSignedIn } from './fixtures/example.js'

const hour = 3_600_000

t.test('sign-in: a person signs in, pages through the boards of the team, and creates one', async (t) => {
  const { visitor } = await startExample(t)
  const home = await visitor.get('/')
  t.match(home.body, 'href="/auth/miro/login?returnTo=%2Fboards"')
  t.match(await visitor.get('/boards'), { status: 303, headers: { location: '/auth/miro/login?returnTo=%2Fboards' } })

  t.match(await signIn(visitor), { status: 303, headers: { location: `${origin}/boards` } })
  const account = await visitor.get('/')
  t.match(account.body, 'Hello, Ada Lovelace')
  t.match(account.body, 'Acme Design')

  const first = await visitor.get('/boards')
  t.equal(first.status, 200)
  t.match(first.body, '1 to 6 of 8')
  t.match(first.body, /href="\/boards\?offset=6">Older/)
  const second = await visitor.get('/boards?offset=6')
  t.match(second.body, '7 to 8 of 8')
  t.match(second.body, /href="\/boards\?offset=0">Newer/)
  t.match((await visitor.get('/boards?offset=60')).body, 'Back to the first page')

  t.match(await visitor.post('/boards', { name: '  Plans  ' }), { status: 303, headers: { location: '/boards' } })
  t.match((await visitor.get('/boards')).body, />Plans<\/a>/)
})

t.test('boards page: the name of a board is text, never markup', async (t) => {
  const { visitor } = await startSignedIn(t)
  const name = '<script>alert(1)</script>"\'&'
  t.equal((await visitor.post('/boards', { name })).status, 303)
  const { body } = await visitor.get('/boards')
  t.notMatch(body, '<script')
  t.match(body, '&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;')
})

t.test('new board: the name must have 1 to 60 characters', async (t) => {
  const { visitor, emulator } = await startSignedIn(t)
  for (const form of [{}, { name: '' }, { name: '   ' }, { name: 'x'.repeat(61) }, { title: 'x' }]) {
    const answer = await visitor.post('/boards', form as Record<string, string>)
    t.equal(answer.status, 400)
    t.match(answer.body, 'A board’s name has 1 to 60 characters.')
  }
  t.equal(emulator.log.filter(({ method, path }) => method === 'POST' && path === '/v2/boards').length, 0)
  t.equal((await visitor.post('/boards', { name: 'x'.repeat(60) })).status, 303)
})

t.test('new board: a double click creates one', async (t) => {
  const { visitor, emulator } = await startSignedIn(t)
  let release = (): void => {}
  const until = new Promise<void>((resolve) => { release = resolve })
  const { hit } = emulator.faults.add({ on: '/v2/boards', do: 'delay', until })
  const created = (): number => emulator.log.filter(({ method, path }) => method === 'POST' && path === '/v2/boards').length
  const clicks = [visitor.post('/boards', { name: 'Plans' })]
  await hit
  clicks.push(visitor.post('/boards', { name: ' Plans ' }), visitor.post('/boards', { name: 'Others' }))
  await clicks[2]
  release()
  for (const { status } of await Promise.all(clicks)) t.equal(status, 303)
  t.equal(created(), 2, 'and another name creates another')
  await visitor.post('/boards', { name: 'Plans' })
  t.equal(created(), 3, 'a later form creates a second one')
})

t.test('new board: a form of another site is refused', async (t) => {
  const { visitor, emulator } = await startSignedIn(t)
  const foreign: Array<Record<string, string>> = [
    { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    { 'sec-fetch-site': 'same-site', origin },
    { origin: 'https://evil.example' },
    { origin: 'null' }
  ]
  for (const headers of foreign) {
    const answer = await visitor.post('/boards', { name: 'Planted' }, headers)
    t.equal(answer.status, 403, JSON.stringify(headers))
    t.match(answer.body, 'CROSS_SITE')
  }
  t.equal(emulator.log.filter(({ method, path }) => method === 'POST' && path === '/v2/boards').length, 0)
  const own = await visitor.post('/boards', { name: 'Ours' }, { origin })
  t.equal(own.status, 303, 'an older browser sends Origin alone')
})

t.test('new board: without a session the form gets a page with a login link, not a redirect to Miro', async (t) => {
  const { visitor } = await startExample(t)
  const answer = await visitor.post('/boards', { name: 'Late' })
  t.equal(answer.status, 401)
  t.match(answer.body, 'Sign in with Miro first')
  t.match(answer.body, 'href="/auth/miro/login?returnTo=%2Fboards"')
})

t.test('headers: every page has the security headers, and no script', async (t) => {
  const { visitor } = await startSignedIn(t)
  for (const path of ['/', '/boards', '/account', '/boards?offset=no', '/nowhere', '/auth/miro/callback']) {
    const { headers, body } = await visitor.get(path)
    t.match(headers['content-security-policy'], /^default-src 'none';/, path)
    t.match(headers['content-security-policy'], "frame-ancestors 'none'", path)
    t.notMatch(headers['content-security-policy'], /unsafe|script-src/, path)
    t.match(headers, { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }, path)
    t.notMatch(body, /<script|style=|onclick/i, path)
  }
  t.match(await visitor.get('/style.css'), {
    status: 200,
    headers: { 'content-type': /^text\/css/, 'cache-control': 'max-age=300' }
  })
  t.match(await visitor.get('/icon.svg'), { status: 200, headers: { 'content-type': /^image\/svg\+xml/ } })
})

t.test('forms: a page that is open in another tab acts for nobody who signed in later', async (t) => {
  const { visitor, emulator, app } = await startSignedIn(t)
  const grantOf = (page: string): string => String(/name="grant" value="([^"]+)"/.exec(page)?.[1])
  const idsOf = (page: string): Record<string, string> => {
    return Object.fromEntries(Array.from(page.matchAll(/name="(user_id|team_id)" value="(\d+)"/g), ([, name, id]) => [name, id]))
  }
  const [home, boards] = [await visitor.get('/'), await visitor.get('/boards')]
  const grace = { userId: '3458764520000000005', teamId: '3458764530000000003' }
  const cookies = await signInAs(app, { ...grace, tokens: await issueTokens(emulator, grace) })
  for (const [name, value] of Object.entries(cookies)) visitor.cookies.set(name, value)
  const created = await visitor.post('/boards', { name: 'Plans', grant: grantOf(boards.body) })
  t.match(created, { status: 409, body: 'Meanwhile somebody signed in here' })
  t.notOk(emulator.log.some(({ method, path }) => method === 'POST' && path === '/v2/boards'))
  t.match((await visitor.post('/auth/miro/disconnect', idsOf(home.body))).body, 'MIRO_NOT_CONNECTED')
  t.match((await app.miro.auth.snapshot(grace)).grant, grace)

  t.equal((await visitor.post('/boards', { name: 'Plans', grant: grantOf(created.body) })).status, 303)
  t.equal((await visitor.post('/auth/miro/disconnect', idsOf((await visitor.get('/')).body))).status, 303)
})

t.test('disconnect: a person with several teams ends that of the session', async (t) => {
  const { visitor, emulator, app } = await startSignedIn(t)
  const harbour = { userId: '3458764520000000003', teamId: '3458764530000000005' }
  await signInAs(app, { ...harbour, tokens: await issueTokens(emulator, harbour) })
  const [form = ''] = /<form[^>]*action="\/auth\/miro\/disconnect".*?<\/form>/s.exec((await visitor.get('/')).body) ?? []
  const fields = Array.from(form.matchAll(/name="(\w+)" value="(\d+)"/g), ([, name = '', id = '']) => [name, id])
  t.match(await visitor.post('/auth/miro/disconnect', Object.fromEntries(fields)), { status: 303, headers: { location: '/' } })
  t.match((await app.miro.auth.snapshot(harbour)).grant, harbour)
})

t.test('logout: it ends the session and keeps the grant; a disconnect ends the grant', async (t) => {
  const { app, emulator, visitor } = await startExample(t)
  await signIn(visitor)
  const stolen = new Visitor(origin, throughInject(app))
  for (const [name, value] of visitor.cookies) stolen.cookies.set(name, value)

  t.match(await visitor.post('/auth/miro/logout'), { status: 303, headers: { location: '/' } })
  t.match((await visitor.get('/')).body, 'Sign in with Miro')
  t.equal((await stolen.get('/boards')).status, 303, 'the old cookie has no session')
  t.notOk(emulator.log.some(({ path }) => path.includes('revoke')))

  await signIn(visitor)
  t.match(await visitor.post('/auth/miro/disconnect'), { status: 303, headers: { location: '/' } })
  t.equal(emulator.log.filter(({ path }) => path === '/v2/oauth/revoke').length, 1)
})

t.test('error page: it says what to do, and shows no internals', async (t) => {
  t.test('an unknown path', async (t) => {
    const { app, visitor } = await startExample(t)
    const answer = await visitor.get('/<script>')
    t.equal(answer.status, 404)
    t.match(answer.body, 'There is no such page.')
    t.notMatch(answer.body, '<script')
    t.same((await app.inject('/nowhere')).json(), { code: 'NOT_FOUND', message: 'There is no such page.' })
  })

  t.test('Miro answers 429', async (t) => {
    const { visitor } = await startSignedIn(t, { creditsPerMinute: 60 })
    let answer = await visitor.get('/boards')
    for (let i = 0; i < 5 && answer.status === 200; i++) answer = await visitor.get('/boards')
    t.equal(answer.status, 429)
    t.match(answer.headers['retry-after'], /^\d+$/)
    t.match(answer.body, /Try again in \d+ seconds?\./)
  })

  t.test('Miro does not answer', async (t) => {
    const { visitor, emulator } = await startSignedIn(t)
    await emulator.close()
    const answer = await visitor.get('/boards')
    t.equal(answer.status, 503)
    t.match(answer.headers['retry-after'], /^\d+$/)
    t.match(answer.body, 'MIRO_UNAVAILABLE')
    t.notMatch(answer.body, /ECONN|localhost|\bat .*\.js/)
    t.match((await visitor.get('/')).body, 'Hello, Miro user', 'and the home page needs no Miro')
  })

  t.test('an unclear refusal of a refresh: the grant is kept, and the person can sign in again', async (t) => {
    const { visitor, emulator } = await startSignedIn(t)
    emulator.miroClock.advance(61 * 24 * hour)
    const answer = await visitor.get('/boards')
    t.equal(answer.status, 401)
    t.match(answer.body, 'MIRO_REAUTHORIZE')
    t.match(answer.body, 'href="/auth/miro/login?returnTo=%2Fboards"')
    t.equal((await signIn(visitor)).headers.location, `${origin}/boards`)
    t.equal((await visitor.get('/boards')).status, 200)
  })

  t.test('the grant was revoked at Miro: pages redirect to the login, and home links to it', async (t) => {
    const { visitor, emulator, accessToken } = await startSignedIn(t, { seed: { app: { expiring: false } } })
    await revokeToken(emulator, accessToken)
    t.equal((await visitor.get('/boards')).status, 401)
    t.match(await visitor.get('/boards'), { status: 303, headers: { location: '/auth/miro/login?returnTo=%2Fboards' } })
    t.match((await visitor.get('/')).body, 'Sign in with Miro')
    await signIn(visitor)
    t.equal((await visitor.get('/boards')).status, 200)
  })

  t.test('the person declines at Miro', async (t) => {
    const { visitor } = await startExample(t)
    const answer = await signIn(visitor, 'decline')
    t.equal(answer.status, 403)
    t.match(answer.body, 'MIRO_ACCESS_DENIED')
  })
})

t.test('boards page: it stays readable after the access token expired', async (t) => {
  const { visitor, emulator } = await startSignedIn(t)
  emulator.clock.advance(hour)
  t.equal((await visitor.get('/boards')).status, 200)
  emulator.miroClock.advance(hour)
  t.equal((await visitor.get('/boards')).status, 200)
})

t.test('account page: teams and browsers are headings below those of their parts', async (t) => {
  const { visitor } = await startSignedIn(t)
  const { body } = await visitor.get('/account')
  const levels = Array.from(body.matchAll(/<h([1-6])/g), ([, level]) => level).join('')
  t.equal(levels, '12323')
})

t.test('account page: it lists the browsers of a person, marks this one, and ends one or all others', async (t) => {
  const { app, visitor } = await startExample(t)
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
  const visitors = [visitor, ...[1, 2, 3].map(() => new Visitor(origin, throughInject(app, { 'user-agent': firefox })))]
  t.match(await visitor.get('/account'), { status: 303, headers: { location: '/auth/miro/login?returnTo=%2Faccount' } })
  for (const one of visitors) await signIn(one)
  t.match((await visitor.get('/')).body, 'href="/account"')

  const { body } = await visitor.get('/account')
  t.equal(body.match(/Firefox on Linux(?=<)/g)?.length, 3)
  t.equal(body.match(/This browser/g)?.length, 1)
  const [newest = '', ...others] = Array.from(body.matchAll(/name="id" value="([\w-]+)"/g), ([, id]) => String(id))
  t.equal(others.length, 2, 'its own session is ended by logging out')
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }]) {
    t.equal((await visitor.post('/account/end', { id: newest }, headers)).status, 403)
    t.equal((await visitor.post('/account/end-others', {}, headers)).status, 403)
  }
  for (let click = 0; click < 2; click++) {
    t.match(await visitor.post('/account/end', { id: newest }), { status: 303, headers: { location: '/account' } })
  }
  t.same((await Promise.all(visitors.map((one) => one.get('/account')))).map(({ status }) => status), [200, 200, 200, 303])
  t.equal((await visitor.post('/account/end-others')).status, 303)
  t.same((await Promise.all(visitors.map((one) => one.get('/account')))).map(({ status }) => status), [200, 303, 303, 303])
  t.notMatch((await visitor.get('/account')).body, 'Log out others')
  t.match(await visitors[1]?.post('/account/end-others'), { status: 401, body: /Sign in with Miro/ })
})

t.test('account page: it says how each Miro team of the person stands, and links what mends it', async (t) => {
  const { app, visitor } = await startExample(t)
  const userId = '3458764520000000003'
  await signIn(visitor)
  t.match((await visitor.get('/account')).body, /Acme Design<\/bdi> <span class="mark">Connected/)
  // Another team of the same person, which lacks a scope.
  await signInAs(app, { userId, teamId: '3458764530000000005', scopes: ['boards:read'] })
  const { status, body } = await visitor.get('/account')
  t.equal(status, 200)
  t.match(body, /Team 3458764530000000005[^]*This app lacks a right here: boards:write\./)
  t.match(body, 'href="/auth/miro/login?returnTo=%2Faccount&amp;team_id=3458764530000000005"')
  t.equal(body.match(/Connected/g)?.length, 1)
})

t.test('account page: the name of a browser is a guess from its User-Agent, and text', async (t) => {
  for (const [userAgent, name] of [
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0', 'Edge on Windows'],
    ['Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36', 'Chrome on Android'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15', 'Safari on macOS'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.0.0 Mobile/15E148 Safari/604.1', 'Chrome on iOS'],
    ['<script>Windows', 'A browser on Windows'],
    [undefined, 'A browser']
  ] as const) t.equal(browserName(userAgent), name)
})

t.test('rate limit: behind a proxy of a private network each person counts alone, and none names an address of another', async (t) => {
  const redirectUri = 'https://boards.example/auth/miro/callback'
  const cookieSecret = 'a secret of the tests, and of nothing else'
  const app = await buildApp({ miro: { clientId: '1', clientSecret: 'secret', redirectUri, cookieSecret } })
  t.teardown(() => app.close())
  const left = async (remoteAddress: string, client: string): Promise<number> => {
    const { headers } = await app.inject({ url: '/', remoteAddress, headers: { 'x-forwarded-for': client } })
    return Number(headers['x-ratelimit-remaining'])
  }
  t.equal(await left('10.0.0.2', '203.0.113.1'), 599)
  t.equal(await left('10.0.0.2', '203.0.113.1'), 598)
  t.equal(await left('10.0.0.2', '203.0.113.2'), 599)
  t.equal(await left('198.51.100.7', '203.0.113.3'), 599, 'of a stranger the header counts for nothing')
  t.equal(await left('198.51.100.7', '203.0.113.4'), 598)
})
