import { EventEmitter, once } from 'node:events'
import { issueTokens, pressButton, revokeToken, throughInject, Visitor, type Answer } from '@miro-oauth/example-shared/testing'
import type { GrantRef, Store } from '@miro-oauth/fastify'
import { signInAs } from '@miro-oauth/fastify/testing'
import t from 'tap'
import {
  adaInDesign, adaInHarbour, graceInDesign, logIn, mia, origin, password, people, startExample, tomas
} from './fixtures/example.js'

const hour = 3_600_000

t.test('teams page: a person sees their teams, the newest first, each with its latest boards', async (t) => {
  const { visitor, linkGrant } = await startExample(t)
  await linkGrant(mia, adaInDesign)
  await linkGrant(mia, adaInHarbour)
  t.match(await visitor.get('/'), { status: 303, location: `${origin}/login` })
  t.match(await logIn(visitor, 'mia'), { status: 303, location: `${origin}/` })
  const { status, body } = await visitor.get('/')
  t.equal(status, 200)
  t.same(teamsOn(body), [adaInHarbour, adaInDesign])
  t.match(body, '3 of 4 boards')
  t.match(body, '3 of 8 boards')
  t.match(body, 'Mia Sandberg')
  t.match(await visitor.get('/login'), { status: 303, location: `${origin}/` })
})

t.test('connect: the team appears with the names that Miro gives', async (t) => {
  const { visitor } = await startExample(t)
  await logIn(visitor, 'mia')
  t.match((await visitor.get('/')).body, 'No team is connected yet.')
  t.match(await visitor.connect(adaInHarbour), { status: 303, location: `${origin}/` })
  const { body } = await visitor.get('/')
  t.match(body, '<h2>Harbour Studio</h2>')
  t.match(body, 'As <bdi>Ada Lovelace</bdi>, connected <time')
})

t.test('teams page: two people who use one browser never see each other\'s teams', async (t) => {
  const { visitor, linkGrant } = await startExample(t)
  await linkGrant(mia, adaInDesign)
  await linkGrant(tomas, graceInDesign)
  await logIn(visitor, 'mia')
  t.same(teamsOn((await visitor.get('/')).body), [adaInDesign])
  await visitor.post('/logout')
  await logIn(visitor, 'tomas')
  t.same(teamsOn((await visitor.get('/')).body), [graceInDesign])
  await logIn(visitor, 'yuki')
  t.same(teamsOn((await visitor.get('/')).body), [], 'nor without a logout in between')
})

t.test('remove: only the person who connected a team can remove it', async (t) => {
  const { visitor, linkGrant, emulator } = await startExample(t)
  await linkGrant(mia, adaInDesign)
  await linkGrant(mia, adaInHarbour)
  await logIn(visitor, 'tomas')
  const theirs = await visitor.post(removePath(adaInDesign))
  t.equal(theirs.location, `${origin}/miro-failed?code=MIRO_NOT_CONNECTED`)
  const failed = await visitor.get('/miro-failed?code=MIRO_NOT_CONNECTED')
  t.match(failed.body, 'This team is not connected, or not by you.')
  t.equal(revocations(emulator.log), 0)

  await logIn(visitor, 'mia')
  const page = await visitor.get('/')
  const form = `<form method="post" action="${removePath(adaInDesign).replace('&', '&amp;')}"`
  t.match(page.body, form, 'the page has the form')
  t.match(await visitor.post(removePath(adaInDesign)), { status: 303, location: `${origin}/` })
  t.equal(revocations(emulator.log), 1)
  t.same(teamsOn((await visitor.get('/')).body), [adaInHarbour])
})

t.test('login: each wrong login gets the same answer and begins no session', async (t) => {
  const { app, visitor } = await startExample(t)
  const attempts = [
    { login: 'mia', password: 'wrong' }, { login: 'nobody', password }, { login: '', password: '' }, { login: 'mia' },
    { login: 'mia', password: 'x'.repeat(201) }, { login: 'constructor', password }
  ]
  for (const form of attempts) {
    const answer = await visitor.post('/login', form as Record<string, string>)
    t.equal(answer.status, 401)
    t.match(answer.body, 'Login or password is wrong.')
    t.notMatch(answer.body, password)
  }
  const withoutBody = await app.inject({ method: 'POST', url: '/login', headers: { 'sec-fetch-site': 'same-origin' } })
  t.match(withoutBody, { statusCode: 401, body: 'Login or password is wrong.' })
  t.equal(visitor.cookies.size, 0)
  t.equal((await visitor.get('/')).status, 303)
  const careless = await visitor.post('/login', { login: ' Mia ', password })
  t.equal(careless.location, `${origin}/login/done`, 'case and spaces of a login do not matter')
})

t.test('login: what was typed stays, as text, and both fields are marked and described by the problem', async (t) => {
  const { visitor } = await startExample(t)
  const { body } = await visitor.post('/login', { login: '"><b>mia', password: 'wrong' })
  t.match(body, 'value="&quot;&gt;&lt;b&gt;mia"')
  t.equal(body.match(/<input [^>]*aria-invalid="true" aria-describedby="problem"/g)?.length, 2)
  t.match(body, /<input id="password"[^>]* autofocus>/, 'the login may be right')
  t.notMatch((await visitor.get('/login')).body, /aria-invalid|problem/)
})

t.test('login: a browser that keeps no cookie is told so', async (t) => {
  const { visitor } = await startExample(t)
  await logIn(visitor, 'mia')
  visitor.cookies.clear()
  const page = await visitor.get('/login/done')
  t.equal(page.status, 400)
  t.match(page.body, 'Allow cookies for this site')
  t.notMatch(page.body, 'aria-invalid', 'nothing was typed wrong')
})

t.test('login: the session gets a new id, and the old id is not logged in', async (t) => {
  const { app, visitor } = await startExample(t)
  await logIn(visitor, 'tomas')
  const planted = new Visitor(origin, throughInject(app))
  planted.cookies.set('session', String(visitor.cookies.get('session')))
  await logIn(visitor, 'mia')
  t.not(visitor.cookies.get('session'), planted.cookies.get('session'))
  t.match((await visitor.get('/')).body, 'Mia Sandberg')
  t.equal((await planted.get('/')).status, 303, 'the id from before the login')
})

t.test('logout: the session ends on the server', async (t) => {
  const { app, visitor } = await startExample(t)
  await logIn(visitor, 'mia')
  const stolen = new Visitor(origin, throughInject(app))
  stolen.cookies.set('session', String(visitor.cookies.get('session')))
  t.match(await visitor.post('/logout'), { status: 303, location: `${origin}/login` })
  t.equal(visitor.cookies.size, 0)
  t.equal((await stolen.get('/')).status, 303)
  t.equal((await visitor.post('/logout')).status, 303, 'a second logout')
})

t.test('session: that of a deleted account is not logged in', async (t) => {
  const gone = new Set<string>()
  const { visitor, linkGrant } = await startExample(t, {
    people: { ...people, find: (id) => gone.has(id ?? '') ? null : people.find(id) }
  })
  await linkGrant(mia, adaInDesign)
  await logIn(visitor, 'mia')
  gone.add(mia)
  t.equal((await visitor.get('/')).location, `${origin}/login`)
  t.equal((await visitor.post(removePath(adaInDesign))).location, `${origin}/miro-failed?code=MIRO_NO_APP_USER`)
})

t.test('session: a page that waits for Miro does not restore a session that ends meanwhile', async (t) => {
  const miro = new EventEmitter()
  const { app, visitor, linkGrant } = await startExample(t, {
    miro: {
      async fetch (input, init) {
        miro.emit('asked')
        await once(miro, 'answer')
        return fetch(input, init)
      }
    }
  })
  await linkGrant(mia, adaInDesign)
  await logIn(visitor, 'mia')
  const stolen = new Visitor(origin, throughInject(app))
  stolen.cookies.set('session', String(visitor.cookies.get('session')))
  const asked = once(miro, 'asked')
  const page = stolen.get('/')
  await asked
  await visitor.post('/logout')
  miro.emit('answer')
  t.equal((await page).status, 200)
  t.equal((await stolen.get('/')).status, 303)
})

t.test('session cookie: HttpOnly and SameSite=Lax, and Secure if the app is https', async (t) => {
  const { visitor } = await startExample(t)
  t.notOk((await visitor.get('/login')).headers['set-cookie'], 'no cookie before a login')
  const plain = sessionCookie(await logIn(visitor, 'mia'))
  t.match(plain, /^session=/)
  t.match(plain, /; Path=\/; .*HttpOnly; SameSite=Lax/)
  t.notMatch(plain, 'Secure')

  const { visitor: customer } = await startExample(t, {
    miro: { redirectUri: 'https://planner.example/auth/miro/callback' }
  })
  const behindProxy = { 'sec-fetch-site': 'same-origin', 'x-forwarded-proto': 'https' }
  const secure = sessionCookie(await customer.post('/login', { login: 'mia', password }, behindProxy))
  t.match(secure, /^__Host-session=/)
  t.match(secure, /; HttpOnly; Secure; SameSite=Lax/)
  t.notMatch(secure, 'Domain')
  await customer.post('/logout', {}, behindProxy)
  t.equal(customer.cookies.size, 0)
})

t.test('cross-site: a form of another site cannot log in, log out or remove a team', async (t) => {
  const { visitor, linkGrant } = await startExample(t)
  await linkGrant(mia, adaInDesign)
  await logIn(visitor, 'mia')
  const foreign: Array<Record<string, string>> = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin },
    { origin: 'https://evil.example' }
  ]
  for (const headers of foreign) {
    t.match(await visitor.post('/login', { login: 'tomas', password }, headers), { status: 403, body: 'CROSS_SITE' })
    t.match(await visitor.post('/logout', {}, headers), { status: 403, body: 'CROSS_SITE' })
    const removal = await visitor.post(removePath(adaInDesign), {}, headers)
    t.equal(removal.location, `${origin}/miro-failed?code=MIRO_CROSS_SITE`)
  }
  const { body } = await visitor.get('/')
  t.match(body, 'Mia Sandberg')
  t.same(teamsOn(body), [adaInDesign])
})

t.test('login: neither login redirects away from the app', async (t) => {
  const { visitor } = await startExample(t)
  for (const target of ['https://evil.example/', '//evil.example', '/\\evil.example']) {
    const query = new URLSearchParams({ returnTo: target, next: target }).toString()
    const login = await visitor.post(`/login?${query}`, { login: 'mia', password, returnTo: target })
    t.equal(login.location, `${origin}/login/done`)
    t.equal((await visitor.get('/login/done')).location, `${origin}/`)
    const callback = await pressButton(await visitor.goToMiro(`/auth/miro/login?${query}`), { ref: adaInDesign })
    t.equal((await visitor.get(callback)).location, `${origin}/`)
  }
})

t.test('connect: a person cannot finish what another person began', async (t) => {
  const { visitor, emulator } = await startExample(t)
  await logIn(visitor, 'mia')
  const callback = await pressButton(await visitor.goToMiro(), { ref: adaInDesign })
  await logIn(visitor, 'tomas')
  const answer = await visitor.get(callback)
  t.equal(answer.location, `${origin}/miro-failed?code=MIRO_CALLBACK_USER_MISMATCH`)
  const page = await visitor.get('/miro-failed?code=MIRO_CALLBACK_USER_MISMATCH')
  t.match(page.body, 'Somebody else began this')
  t.match(page.body, 'Tomás Rivera')
  for (const login of ['tomas', 'mia']) {
    await logIn(visitor, login)
    t.same(teamsOn((await visitor.get('/')).body), [])
  }
  t.notOk(emulator.log.some(({ path }) => path === '/v1/oauth/token'), 'the code was not exchanged')
})

t.test('connect: a failure ends on a page that says why', async (t) => {
  const { visitor } = await startExample(t)
  t.equal((await visitor.get('/auth/miro/login')).location, `${origin}/miro-failed?code=MIRO_NO_APP_USER`)
  t.match((await visitor.get('/miro-failed?code=MIRO_NO_APP_USER')).body, /Log in first[^]*href="\/">Log in</)

  await logIn(visitor, 'mia')
  const declined = await pressButton(await visitor.goToMiro(), { ref: adaInDesign, decision: 'decline' })
  t.equal((await visitor.get(declined)).location, `${origin}/miro-failed?code=MIRO_ACCESS_DENIED`)
  t.match((await visitor.get('/miro-failed?code=MIRO_ACCESS_DENIED')).body, 'No access was given at Miro')
  const rejected = await visitor.get('/miro-failed?code=MIRO_CODE_REJECTED')
  t.match(rejected.body, /try again if one is missing[^]*MIRO_CODE_REJECTED/)
  for (const query of ['', '?code=', '?code=call+0800+EVIL', '?code=MIRO_<b>', `?code=MIRO_${'A'.repeat(50)}`]) {
    const { body } = await visitor.get(`/miro-failed${query}`)
    t.match(body, 'try again if one is missing')
    t.notMatch(body, /EVIL|<b>|AAAA|<code>/, query)
  }
})

t.test('error page: it says what to do, and shows no internals', async (t) => {
  const fail = async (): Promise<never> => { throw new Error('planted') }
  const store: Store = { get: fail, cas: fail }
  const { app, visitor } = await startExample(t, { miro: { store } })
  t.match(await visitor.get('/<script>'), { status: 404, body: 'There is no such page.' })
  t.same((await app.inject('/nowhere')).json(), { code: 'NOT_FOUND', message: 'There is no such page.' })
  t.match(await visitor.get('/miro-failed?code=a&code=b'), { status: 400, body: 'BAD_REQUEST' })
  await logIn(visitor, 'mia')
  const broken = await visitor.get('/')
  t.equal(broken.status, 503)
  t.match(broken.body, 'MIRO_STORE')
  t.notMatch(broken.body, /planted|\bat .*\.js/)
})

t.test('connect: a grant that lacks a required scope is not linked', async (t) => {
  const { visitor } = await startExample(t, { emulate: { seed: { app: { scopes: ['boards:write'] } } } })
  await logIn(visitor, 'mia')
  t.equal((await visitor.connect(adaInDesign)).location, `${origin}/miro-failed?code=MIRO_SCOPE_MISSING`)
  t.match((await visitor.get('/miro-failed?code=MIRO_SCOPE_MISSING')).body, 'the right to read boards')
  t.same(teamsOn((await visitor.get('/')).body), [])
})

t.test('teams page: boards stay readable after the access token expired', async (t) => {
  const { visitor, linkGrant, emulator } = await startExample(t)
  await linkGrant(mia, adaInDesign)
  await logIn(visitor, 'mia')
  emulator.clock.advance(hour)
  t.match((await visitor.get('/')).body, '3 of 8 boards')
})

t.test('teams page: a failure in one team does not affect the others', async (t) => {
  t.test('Miro does not answer: the page lists the teams without their boards', async (t) => {
    const { visitor, linkGrant, emulator } = await startExample(t)
    await linkGrant(mia, adaInDesign)
    await linkGrant(mia, adaInHarbour)
    await logIn(visitor, 'mia')
    await emulator.close()
    const { status, body } = await visitor.get('/')
    t.equal(status, 200)
    t.same(teamsOn(body), [adaInHarbour, adaInDesign])
    t.equal(body.split('cannot be read right now').length - 1, 2)
    t.notMatch(body, /ECONN|fetch failed|MIRO_UNAVAILABLE/)
  })

  t.test('Miro does not answer for one team: the page does not wait for it', async (t) => {
    const { visitor, linkGrant } = await startExample(t, {
      miro: {
        fetch: (input, init) => String(input).includes(adaInDesign.teamId)
          ? untilAborted(init?.signal)
          : fetch(input, init)
      }
    })
    await linkGrant(mia, adaInDesign)
    await linkGrant(mia, adaInHarbour)
    await logIn(visitor, 'mia')
    const { status, body } = await visitor.get('/')
    t.equal(status, 200)
    t.match(body, '3 of 4 boards')
    t.equal(body.split('cannot be read right now').length - 1, 1)
  })

  t.test('an unclear refusal of one team: it can be connected again', async (t) => {
    const { visitor, linkGrant, emulator } = await startExample(t)
    await linkGrant(mia, adaInDesign)
    emulator.miroClock.advance(61 * 24 * hour)
    await linkGrant(mia, adaInHarbour)
    await logIn(visitor, 'mia')
    for (const visit of ['the first', 'the next']) {
      const { body } = await visitor.get('/')
      t.match(body, `href="/auth/miro/login?team_id=${adaInDesign.teamId}">Connect again`, visit)
      t.match(body, '3 of 4 boards')
    }
    t.match(await visitor.goToMiro(`/auth/miro/login?team_id=${adaInDesign.teamId}`), `team_id=${adaInDesign.teamId}`)
    await visitor.connect(adaInDesign)
    t.notMatch((await visitor.get('/')).body, 'Connect again')
  })

  t.test('a team whose grant was revoked at Miro can be connected again or removed', async (t) => {
    const seed = { app: { expiring: false } }
    const { app, visitor, linkGrant, emulator } = await startExample(t, { emulate: { seed } })
    await linkGrant(mia, adaInDesign)
    await revokeToken(emulator, await app.miro.client(adaInDesign).accessToken())
    await logIn(visitor, 'mia')
    for (const visit of ['the first', 'the next']) {
      const { body } = await visitor.get('/')
      t.match(body, `href="/auth/miro/login?team_id=${adaInDesign.teamId}">Connect again`, visit)
    }
    await visitor.post(removePath(adaInDesign))
    t.same(teamsOn((await visitor.get('/')).body), [])
    await visitor.connect(adaInDesign)
    t.match((await visitor.get('/')).body, '3 of 8 boards')
  })
})

t.test('teams page: a team that lacks a required scope is shown with the link that mends it', async (t) => {
  const { app, visitor, linkGrant, emulator } = await startExample(t)
  const tokens = await issueTokens(emulator, adaInDesign)
  await signInAs(app, { ...adaInDesign, appUserId: mia, scopes: ['boards:write'], tokens })
  await linkGrant(mia, adaInHarbour)
  await logIn(visitor, 'mia')
  const { body } = await visitor.get('/')
  t.match(body, /This app lacks a right here: boards:read\. Connect the team again/)
  t.match(body, `href="/auth/miro/login?team_id=${adaInDesign.teamId}">Connect again`)
  t.match(body, '3 of 4 boards')
})

t.test('headers: every page has the security headers, and no script', async (t) => {
  const { visitor, linkGrant } = await startExample(t)
  await linkGrant(mia, adaInDesign)
  const login = await visitor.get('/login')
  await logIn(visitor, 'mia')
  const paths = ['/', '/miro-failed?code=MIRO_ACCESS_DENIED', '/nowhere']
  const pages = await Promise.all(paths.map((path) => visitor.get(path)))
  for (const { headers, body } of [login, ...pages]) {
    t.match(headers['content-security-policy'], /^default-src 'none';/)
    t.match(headers['content-security-policy'], "form-action 'self'")
    t.notMatch(headers['content-security-policy'], /unsafe|script-src/)
    t.match(headers, {
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin'
    })
    t.notMatch(body, /<script|style=|onclick/i)
  }
  t.match(await visitor.get('/style.css'), { status: 200, headers: { 'content-type': /^text\/css/ } })
})

t.test('teams page: the name of a board is text, never markup', async (t) => {
  const name = '<img src=x onerror=alert(1)>"\'&'
  const boards = [{ id: 'b1', name, teamId: adaInDesign.teamId, ownerId: adaInDesign.userId }]
  const { visitor, linkGrant } = await startExample(t, { emulate: { seed: { boards } } })
  await linkGrant(mia, adaInDesign)
  await logIn(visitor, 'mia')
  const { body } = await visitor.get('/')
  t.match(body, '&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;')
  t.notMatch(body, '<img src=x')
})

/** The teams that the page has a button to remove for, in its order. */
function teamsOn (body: string): GrantRef[] {
  const actions = body.matchAll(/disconnect\?user_id=(\d+)&amp;team_id=(\d+)/g)
  return Array.from(actions, ([, userId = '', teamId = '']) => ({ userId, teamId }))
}

function removePath ({ userId, teamId }: GrantRef): string {
  return `/auth/miro/disconnect?user_id=${userId}&team_id=${teamId}`
}

function revocations (log: ReadonlyArray<{ path: string }>): number {
  return log.filter(({ path }) => path === '/v2/oauth/revoke').length
}

function sessionCookie ({ headers }: Answer): string {
  return String([headers['set-cookie'] ?? []].flat().find((line) => String(line).includes('session=')))
}

/** A request that is never answered. */
function untilAborted (signal: AbortSignal | null | undefined): Promise<Response> {
  return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
}
