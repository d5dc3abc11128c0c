import helmet from '@fastify/helmet'
import t from 'tap'
import { memoryStore, type FastifyMiroOptions } from '../src/index.js'
import { openPanelAs } from '../src/testing/index.js'
import { locationOf, type Browser } from './fixtures/browser.js'
import { authorize, createWorld, members, redirectUri, toCallback } from './fixtures/world.js'

const { adaAtAcme, adaAtHarbour, graceAtAcme } = members
const connectUrl = `/auth/miro/connect?team_id=${adaAtAcme.teamId}`
const doneUrl = `/auth/miro/connect/done?team_id=${adaAtAcme.teamId}`

async function createPanel (t: Parameters<typeof createWorld>[0], options: Partial<FastifyMiroOptions> = {}) {
  const world = await createWorld(t, { panel: true, ...options })
  const statusOf = async (person: { userId: string, teamId: string }) => {
    const headers = await openPanelAs(world.app, { ...person, connected: false })
    return world.app.inject({ url: '/auth/miro/connect/status', headers })
  }
  return { ...world, statusOf }
}

/** The window of a panel, up to the page that it ends on. */
async function connect (window: Browser, as = adaAtAcme, url = connectUrl) {
  const answer = await window.go(await toCallback(window, url, { as }))
  t.equal(answer.statusCode, 303)
  return window.go(String(answer.headers.location))
}

/** What a page tells the panel. */
function toldBy (body: string): string | undefined {
  return /<script data-code="([^"]*)">/.exec(body)?.[1]
}

for (const [mode, appUserId] of [['sign-in', undefined], ['connect', () => 'ann']] as const) {
  t.test(`connect: in ${mode} mode the window ends on a page that tells the panel, which has the grant from then on`, async (t) => {
    const { browser, statusOf, app } = await createPanel(t, { appUserId })
    const before = await statusOf(adaAtAcme)
    t.equal(before.statusCode, 401)
    t.match(before.json(), { code: 'MIRO_NOT_CONNECTED', connectUrl })
    const window = browser()
    const begun = await window.go(connectUrl)
    t.equal(begun.statusCode, 303)
    t.equal(locationOf(begun).searchParams.get('team_id'), adaAtAcme.teamId)
    const page = await connect(window)
    t.equal(page.statusCode, 200)
    t.match(page.body, /Miro is connected/)
    t.equal(toldBy(page.body), 'connected')
    t.equal((await statusOf(adaAtAcme)).statusCode, 204)
    t.equal((await statusOf(adaAtHarbour)).statusCode, 401)
    t.same(window.named('session'), [], 'no session that its person knows nothing of')
    const linked = await app.miro.auth.grants(appUserId === undefined ? adaAtAcme.userId : 'ann')
    t.match(linked, [adaAtAcme])
  })
}

t.test('connect: no id token, code or state stands in the address of the page that the window ends on', async (t) => {
  const { browser } = await createPanel(t)
  const window = browser()
  const answer = await window.go(await toCallback(window, connectUrl, { as: adaAtAcme }))
  t.equal(answer.headers.location, `http://localhost:3000${doneUrl}`)
})

t.test('connect: a person who chose another team than the board\'s is told so by its name, as text', async (t) => {
  const teams = [
    { id: adaAtAcme.teamId, name: 'Acme', members: [adaAtAcme.userId] },
    { id: adaAtHarbour.teamId, name: '<i>Harbour</i> & "Co"', members: [adaAtAcme.userId] }
  ]
  const world = await createWorld(t, { panel: true }, {}, { seed: { teams, boards: [] } })
  const page = await connect(world.browser(), adaAtHarbour)
  t.equal(page.statusCode, 200)
  t.equal(toldBy(page.body), 'other-team')
  t.match(page.body, 'the team “\u2068&lt;i&gt;Harbour&lt;/i&gt; &amp; "Co"\u2069”')
  t.match(page.body, `<a href="${connectUrl}">Try again</a>`)
  t.match(page.headers['content-security-policy'], /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+';/)
})

t.test('connect: the name of a team that turns its direction does not turn the sentence after it', async (t) => {
  const teams = [
    { id: adaAtAcme.teamId, name: 'Acme', members: [adaAtAcme.userId] },
    { id: adaAtHarbour.teamId, name: 'فريق \u202Emoc.live\u2069\u202E', members: [adaAtAcme.userId] }
  ]
  const world = await createWorld(t, { panel: true }, {}, { seed: { teams, boards: [] } })
  const { body } = await connect(world.browser(), adaAtHarbour)
  t.match(body, '“\u2068فريق moc.live\u2069”, but', 'isolated, and without a character that ends the isolation')
})

t.test('connect: a window that names no team, or what is no id, ends well with any team', async (t) => {
  for (const query of ['', '?team_id=', '?team_id=%22%3E%3Cscript%3E', `?team_id=${'1'.repeat(65)}`]) {
    const { browser } = await createPanel(t)
    const page = await connect(browser(), adaAtAcme, `/auth/miro/connect${query}`)
    t.equal(toldBy(page.body), 'connected', query)
  }
})

t.test('connect: what goes wrong in the window is told there, with a way to try again, and told to the panel', async (t) => {
  const { browser } = await createPanel(t, { routes: { error: '/failed' } })
  const declined = browser()
  const callback = await toCallback(declined, connectUrl, { decision: 'decline' })
  const answer = await declined.go(callback)
  t.equal(answer.headers.location, `http://localhost:3000${doneUrl}`, 'not the page of the app, which knows no panel')
  const page = await declined.go(doneUrl)
  t.equal(page.statusCode, 403)
  t.equal(toldBy(page.body), 'MIRO_ACCESS_DENIED')
  t.match(page.body, /Access to Miro was not granted. You can still connect Miro./)
  t.match(page.body, `<a href="${connectUrl}">Try again</a>`)

  const forged = browser()
  t.match((await forged.go('/auth/miro/callback?code=x&state=x')).headers.location, /^\/failed/, 'a callback of no window')
})

t.test('connect: a repeated callback of a window ends on the same page, and exchanges no code twice', async (t) => {
  const { browser, tokenRequests } = await createPanel(t)
  const window = browser()
  const callback = await toCallback(window, connectUrl, { as: adaAtAcme })
  const answers = await Promise.all([window.go(callback), window.go(callback)])
  t.same(answers.map(({ headers }) => headers.location), Array(2).fill(`http://localhost:3000${doneUrl}`))
  t.equal(tokenRequests(), 1)
  const again = browser()
  for (const [name, value] of window.cookies) if (name.includes('_flow_')) again.cookies.set(name, value)
  t.equal((await again.go(callback)).statusCode, 303)
  for (const each of [window, again]) t.equal(toldBy((await each.go(doneUrl)).body), 'connected', 'whichever answer the browser took')
})

t.test('connect: without an app user it says so to the person and to the panel, before anything is asked of Miro', async (t) => {
  const { browser, emulator } = await createPanel(t, { appUserId: () => null })
  const page = await browser().go(connectUrl)
  t.equal(page.statusCode, 401)
  t.equal(toldBy(page.body), 'MIRO_NO_APP_USER')
  t.match(page.body, /Sign in here first/)
  t.equal(emulator.log.length, 0)
})

t.test('connect: with appLogin a person who is not signed in to the app goes there first, and comes back', async (t) => {
  const { browser } = await createPanel(t, { appUserId: () => null, appLogin: '/sign-in?from=miro' })
  for (const url of [connectUrl, '/auth/miro/login?returnTo=%2Fteams']) {
    const answer = await browser().go(url)
    t.equal(answer.statusCode, 303)
    const target = locationOf(answer)
    t.equal(target.pathname, '/sign-in')
    t.equal(target.searchParams.get('returnTo'), url)
    t.equal(answer.headers['cross-origin-opener-policy'], url === connectUrl ? 'unsafe-none' : undefined)
    t.equal((await browser().call(url)).json().code, 'MIRO_NO_APP_USER', 'a script is told')
  }
})

t.test('connect: the team of the board is known without the store, which may forget', async (t) => {
  const store = memoryStore()
  const { browser } = await createPanel(t, { store })
  const window = browser()
  await window.go(connectUrl)
  t.same((await store.scan?.({ prefix: 'miro:', expiresBefore: null, limit: 10 }))?.keys, [])
})

t.test('connect: a window stays one where the store forgot the team of the board', async (t) => {
  const inner = memoryStore()
  const store = { ...inner, get: async (key: string) => key.endsWith(':target') ? null : inner.get(key) }
  const { browser } = await createPanel(t, { store, appUserId: () => 'ann' })
  const window = browser()
  const answer = await window.go(await toCallback(window, connectUrl, { as: adaAtHarbour }))
  t.equal(answer.headers.location, 'http://localhost:3000/auth/miro/connect/done')
  t.equal(toldBy((await window.go('/auth/miro/connect/done')).body), 'connected')
})

for (const what of ['install', 'connect'] as const) {
  t.test(`admit: whom it refuses in ${what} has no panel, however often and however they try`, async (t) => {
    const installUri = 'http://localhost:3000/auth/miro/install'
    let decide = (): void => {}
    const decided = new Promise<void>((resolve) => { decide = resolve })
    let isRefused = false
    const { app, browser, emulator } = await createWorld(t, {
      panel: true,
      routes: { install: '/auth/miro/install' },
      async admit () {
        await decided
        return !isRefused
      }
    }, {}, { seed: { app: { redirectUris: [redirectUri, installUri] } } })
    const statusOf = async () => {
      const headers = await openPanelAs(app, { ...adaAtAcme, connected: false })
      return (await app.inject({ url: '/auth/miro/connect/status', headers })).statusCode
    }
    const flow = async () => {
      const window = browser()
      if (what === 'connect') return window.go(await toCallback(window, connectUrl, { as: adaAtAcme }))
      const url = new URL(emulator.authorizeUrl)
      url.search = new URLSearchParams({ response_type: 'code', client_id: emulator.app.clientId, redirect_uri: installUri }).toString()
      const callback = await authorize(url, { as: adaAtAcme })
      return window.go(callback.pathname + callback.search)
    }
    isRefused = true
    const flows = [flow(), flow()]
    while (emulator.log.filter(({ path }) => path === '/v1/oauth-token').length < 2) await new Promise((resolve) => setTimeout(resolve, 10))
    t.equal(await statusOf(), 401, 'while it is being decided')
    decide()
    await Promise.all(flows)
    t.equal(await statusOf(), 401, 'after two refusals at once')
    t.equal((await app.miro.auth.snapshot(adaAtAcme)).consentId, null)

    isRefused = false
    await flow()
    t.equal(await statusOf(), 204)
    isRefused = true
    await flow()
    t.equal(await statusOf(), 401, 'whom the app let in before')
    t.equal((await app.miro.auth.snapshot(adaAtAcme)).consentId, null)
  })
}

t.test('admit: in connect mode a refusal takes the grant from the one who asked, and not from others', async (t) => {
  let user = 'ann'
  const { browser, app } = await createPanel(t, { appUserId: () => user, admit: ({ appUserId }) => appUserId === 'ann' })
  await connect(browser())
  user = 'ben'
  t.equal(toldBy((await connect(browser())).body), 'MIRO_NOT_ADMITTED')
  t.match(await app.miro.auth.grants('ann'), [adaAtAcme])
  t.same(await app.miro.auth.grants('ben'), [])
})

t.test('connect: admit decides here too; a grant that it refuses is ended at Miro', async (t) => {
  const { browser, emulator, statusOf } = await createPanel(t, {
    admit: ({ request, grant }) => {
      return request.routeOptions.config.miro?.route === 'callback' && grant.teamId !== adaAtAcme.teamId
    }
  })
  const page = await connect(browser())
  t.equal(page.statusCode, 403)
  t.equal(toldBy(page.body), 'MIRO_NOT_ADMITTED')
  t.equal(emulator.ledger.live(adaAtAcme, emulator.miroClock.now()).length, 0)
  t.equal((await statusOf(adaAtAcme)).statusCode, 401)
})

t.test('connect: the session of the browser goes on, also where another Miro user connects in the window', async (t) => {
  const { browser } = await createPanel(t)
  const window = browser()
  await window.go(await toCallback(window, '/auth/miro/login', { as: graceAtAcme }))
  t.equal(toldBy((await connect(window)).body), 'connected')
  t.match((await window.call('/me')).json(), graceAtAcme)
})

t.test('connect: what the window ended with is told again after a reload, but for success, and to no other browser', async (t) => {
  const { browser, app } = await createPanel(t)
  const window = browser()
  const first = await connect(window, adaAtHarbour)
  t.equal(toldBy(first.body), 'other-team')
  t.equal((await window.go(doneUrl)).body, first.body)
  t.equal(toldBy((await browser().go(doneUrl)).body), 'ended')
  const stranger = browser()
  stranger.cookies.set(window.named('result')[0] ?? '', 'mx2cwose.5vfS8rHLGgJe2lH9.LOucp.8_Us')
  t.equal(toldBy((await stranger.go(doneUrl)).body), 'ended')
  t.equal(toldBy((await connect(window)).body), 'connected')
  const urls = [adaAtAcme, adaAtHarbour].map(({ teamId }) => `/auth/miro/connect/done?team_id=${teamId}`)
  for (const url of urls) t.equal(toldBy((await window.go(url)).body), 'ended', 'no page of another site can ask which team it was')
  await connect(window, adaAtHarbour)
  await app.miro.auth.disconnect(adaAtHarbour)
  t.match((await window.go(doneUrl)).body, 'You chose another team', 'which has no name any more')
})

t.test('connect: a window keeps its opener on its whole way, also beside @fastify/helmet with its defaults', async (t) => {
  const world = await createWorld(t, { panel: true })
  const { app } = world
  await app.register(helmet)
  const window = world.browser()
  const policies: unknown[] = []
  let answer = await window.go(connectUrl)
  policies.push(answer.headers['cross-origin-opener-policy'])
  const callback = await authorize(locationOf(answer), { as: adaAtAcme })
  answer = await window.go(callback.pathname + callback.search)
  policies.push(answer.headers['cross-origin-opener-policy'])
  answer = await window.go(String(answer.headers.location))
  policies.push(answer.headers['cross-origin-opener-policy'])
  t.same(policies, ['unsafe-none', 'unsafe-none', 'unsafe-none'])
  t.match((await window.go('/auth/miro/callback?code=x&state=x')).headers, { 'cross-origin-opener-policy': 'same-origin' })
})

t.test('connect: on another host name than the redirect URI\'s it moves there once', async (t) => {
  const { app } = await createPanel(t)
  const answer = await app.inject({ url: connectUrl, headers: { host: '127.0.0.1:3000' } })
  t.equal(answer.headers.location, `http://localhost:3000${connectUrl}&moved=1`)
})

t.test('connect: its routes are not there without the option panel', async (t) => {
  const { app } = await createWorld(t)
  for (const url of ['connect', 'connect/done', 'connect/status', 'panel.js', 'install']) {
    t.equal((await app.inject(`/auth/miro/${url}`)).statusCode, 404, url)
  }
  t.throws(() => app.miro.connectUrl(), { code: 'MIRO_CONFIG' })
})

t.test('connect: names of its own for the routes, and 405 for other methods', async (t) => {
  const { app } = await createPanel(t, { routes: { connect: '/miro/window', panelScript: '/js/miro.js' } })
  t.equal(app.miro.connectUrl({ teamId: '1' }), '/miro/window?team_id=1')
  const urls = ['/miro/window', '/miro/window/status', '/miro/window/done', '/js/miro.js']
  t.same(await Promise.all(urls.map(async (url) => (await app.inject({ url, headers: { host: 'localhost:3000' } })).statusCode)), [303, 401, 200, 200])
  for (const url of urls) {
    const answer = await app.inject({ method: 'POST', url })
    t.equal(answer.statusCode, 405, url)
    t.equal(answer.headers.allow, 'GET')
  }
})
