import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import t from 'tap'
import { createCertificate } from '../../fixtures/certificate.js'
import { complaintsOf, hasChromium, startChromium } from '../../fixtures/chromium.js'
import { startOtherSite } from '../../fixtures/other-site.js'
import { agree, atMiro, beginLogin, cookiesOf, opens, press, signIn, textOf } from '../../fixtures/tab-actions.js'
import { isCallback, startSite, type AppRequest, type Site } from '../../fixtures/site.js'

if (!hasChromium()) {
  t.pass('skipped: no browser here')
  process.exit()
}
const chromium = await startChromium(t, { folder: 'session' })

const minute = 60
const day = 86_400

for (const scheme of ['http', 'https'] as const) {
  t.test(`cookies: on ${scheme} the browser keeps their attributes, and logout removes all of them`, async (t) => {
    const site = await startSite(t, scheme === 'https' ? { https: createCertificate() } : {})
    const context = await chromium.visit(t)
    const page = await context.newPage()
    const prefix = `${scheme === 'https' ? '__Host-' : ''}miro_${site.emulator.app.clientId}_`
    const expected = { domain: 'localhost', path: '/', httpOnly: true, sameSite: 'Lax', secure: scheme === 'https' }
    const inSeconds = (expires = 0): number => expires - Date.now() / 1000

    await beginLogin(page, site)
    const { flows: [flow], session: none } = await cookiesOf(context)
    t.match(flow, expected)
    t.ok(flow?.name.startsWith(`${prefix}flow_`))
    t.ok(inSeconds(flow?.expires) > 9 * minute && inSeconds(flow?.expires) <= 20 * minute)
    t.equal(none, undefined, 'there is no session before the sign-in')

    await agree(page)
    const { session } = await cookiesOf(context)
    t.match(session, { ...expected, name: `${prefix}session` })
    t.ok(inSeconds(session?.expires) > 29 * day && inSeconds(session?.expires) <= 30 * day)
    t.equal(await page.evaluate('document.cookie'), '')

    await press(page, 'Log out')
    await page.waitForURL(`${site.url}/`)
    t.match(await textOf(page), 'Signed out')
    t.same(await context.cookies(), [])
  })
}

t.test('logout: the session is void in other tabs, in scripts, and for a stolen cookie', async (t) => {
  const site = await startSite(t)
  const context = await chromium.visit(t)
  const [page, other, third] = [await context.newPage(), await context.newPage(), await context.newPage()]
  await signIn(page, site, '/page/one')
  await other.goto(`${site.url}/page/two`)
  await beginLogin(third, site, '/page/three')
  const [stolen = ''] = site.sessions
  t.ok(await opens(site, stolen))

  await press(page, 'Log out')
  await page.waitForURL(`${site.url}/`)
  t.match(await textOf(page), 'Signed out')
  t.same(await context.cookies(), [])
  t.notOk(await opens(site, stolen))

  t.equal(await other.evaluate(async () => (await fetch('/me')).status), 401)
  await other.getByRole('link', { name: 'Next page' }).click()
  await atMiro(other, site)
  await agree(third)
  t.match(await textOf(third), 'MIRO_CALLBACK_STATE_UNKNOWN')
  t.equal(site.exchanges(), 1)
  await agree(other)
  t.equal(other.url(), `${site.url}/page/next`)
  t.match(await textOf(other), 'Signed in as Ada Lovelace')
  t.notOk(await opens(site, stolen))
})

for (const [host, relation] of [['127.0.0.1', 'cross-site'], ['localhost', 'same-site']] as const) {
  t.test(`csrf: logout and disconnect that a page on a ${relation} host makes the browser post get 403`, async (t) => {
    const site = await startSite(t)
    const elsewhere = await startOtherSite(t)
    const context = await chromium.visit(t)
    const page = await context.newPage()
    await signIn(page, site)
    const [session = ''] = site.sessions

    for (const path of ['/auth/miro/logout', '/auth/miro/disconnect']) {
      const isPost = ({ method, url, status }: AppRequest): boolean => method === 'POST' && url.pathname === path && status > 0
      elsewhere.show(`<form method="post" action="${site.url}${path}"></form>`)
      await page.goto(`http://${host}:${elsewhere.port}/`)
      await page.evaluate('document.forms[0].submit()')
      await page.waitForURL(site.url + path)
      t.match(await textOf(page), 'MIRO_CROSS_SITE')
      const form = await site.asked(isPost)
      t.equal(form.status, 403)
      t.equal(form.headers['sec-fetch-site'], relation)
      t.equal(form.headers.cookie?.includes(session) === true, relation === 'same-site', 'SameSite=Lax is no help against a neighbour')
      if (path.endsWith('logout')) await chromium.shoot(page, `${relation}-logout`)

      await page.goto(`http://${host}:${elsewhere.port}/`)
      await page.evaluate(`fetch(${JSON.stringify(site.url + path)}, { method: 'POST', mode: 'no-cors', credentials: 'include' }).catch(() => {})`)
      t.equal((await site.asked(isPost, 2)).status, 403, 'by a script')
      elsewhere.show(`<img src="${site.url}${path}">`)
      await page.goto(`http://${host}:${elsewhere.port}/`)
      t.equal((await site.asked(({ method, url, status }) => method === 'GET' && url.pathname === path && status > 0)).status, 405, 'by a picture')
    }
    await page.goto(`${site.url}/page/home`)
    t.match(await textOf(page), 'Signed in as Ada Lovelace')
    t.ok(await opens(site, session))
    t.notOk(site.emulator.log.some(({ path }) => path === '/v2/oauth/revoke'))
  })
}

t.test('cookies: a SameSite=Strict cookie of the app is not sent on the way from Miro, and ours are', async (t) => {
  const site = await startSite(t, {
    async host (app) {
      await app.register(cookie)
      app.get('/host', async (_request, reply) => reply.setCookie('host', 'kept', { sameSite: 'strict', path: '/', httpOnly: true }).send('set'))
    }
  })
  const page = await (await chromium.visit(t)).newPage()
  await page.goto(`${site.url}/host`)
  await signIn(page, site, '/page/one')
  t.match(await textOf(page), 'Signed in as Ada Lovelace')
  const callback = await site.asked(isCallback)
  t.notMatch(callback.headers.cookie, 'host=')
  t.match(callback.headers.cookie, '_flow_')
  const landing = await site.asked(isPage('/page/one'))
  t.notMatch(landing.headers.cookie, 'host=', 'the redirect after the callback is cross-site too')
  t.match(landing.headers.cookie, '_session=')

  await page.getByRole('link', { name: 'Next page' }).click()
  await page.waitForURL(`${site.url}/page/next`)
  const next = await site.asked(isPage('/page/next'))
  t.match(next.headers.cookie, 'host=kept')
  t.match(next.headers.cookie, '_session=')
  await press(page, 'Log out')
  await page.waitForURL(`${site.url}/`)
  t.same((await page.context().cookies()).map(({ name }) => name), ['host'], 'logout leaves the cookie of the app')
})

for (const sameSite of ['strict', 'lax'] as const) {
  const outcome = sameSite === 'strict' ? 'has no user at the callback, and exchanges nothing' : 'links the grant'
  t.test(`connect: an app whose session cookie is SameSite=${sameSite} ${outcome}`, async (t) => {
    const site = await startSite(t, {
      async host (app) {
        await app.register(cookie)
        app.get('/host', async (_request, reply) => reply.setCookie('host', 'user-1', { sameSite, path: '/', httpOnly: true }).send('set'))
      },
      miro: { appUserId: (request) => request.cookies['host'] ?? null }
    })
    const page = await (await chromium.visit(t)).newPage()
    await page.goto(`${site.url}/host`)
    await signIn(page, site, '/page/one')
    const callback = await site.asked(isCallback)
    t.equal(callback.status, 303)
    t.equal(site.exchanges(), sameSite === 'strict' ? 0 : 1)
    t.equal(site.sessions.length, 0)
    if (sameSite === 'lax') {
      t.equal(page.url(), `${site.url}/page/one`)
      t.match(await textOf(page), 'Signed in as Ada Lovelace')
    } else {
      t.match(await textOf(page), /Sign in here first.*MIRO_NO_APP_USER/)
      await chromium.shoot(page, 'no-app-user')
    }
  })
}

t.test('cookies: odd defaults of @fastify/cookie change no attribute of ours', async (t) => {
  const site = await startSite(t, {
    async host (app) {
      await app.register(cookie, {
        secret: 'a secret of the host',
        hook: 'preHandler',
        parseOptions: {
          sameSite: 'strict', path: '/nowhere', domain: 'elsewhere.example', secure: true, httpOnly: false, maxAge: 1, signed: true, encode: () => 'spoilt'
        }
      })
    }
  })
  const context = await chromium.visit(t)
  const page = await context.newPage()
  await beginLogin(page, site, '/page/one')
  const { flows: [flow] } = await cookiesOf(context)
  await agree(page)
  t.equal(page.url(), `${site.url}/page/one`)
  t.match(await textOf(page), 'Signed in as Ada Lovelace')
  const { session } = await cookiesOf(context)
  for (const ours of [flow, session]) t.match(ours, { domain: 'localhost', path: '/', httpOnly: true, sameSite: 'Lax', secure: false })
  t.ok((session?.expires ?? 0) > Date.now() / 1000 + 86_400)
  await logOut(page, site)
  t.same(await context.cookies(), [])
  t.equal(site.exchanges(), 1)
})

t.test('helmet: with its defaults (no-referrer, form-action self) login links and both forms work', async (t) => {
  const site = await startSite(t, { host: async (app) => { await app.register(helmet) } })
  const context = await chromium.visit(t)
  const complaints = complaintsOf(context)
  const page = await context.newPage()
  const login = async (): Promise<void> => {
    await page.goto(`${site.url}/`)
    await page.getByRole('link', { name: 'Sign in with Miro' }).click()
    await atMiro(page, site)
    await agree(page)
    t.equal(page.url(), `${site.url}/page/home`)
    t.match(await textOf(page), 'Signed in as Ada Lovelace')
  }
  await login()
  const [session = ''] = site.sessions
  await logOut(page, site)
  t.notOk(await opens(site, session))
  const logout = await site.asked(isPost)
  t.equal(logout.headers.origin, 'null', 'with no-referrer the origin is null')
  t.equal(logout.headers['sec-fetch-site'], 'same-origin', 'sec-fetch-site shows that the form is the app\'s own')

  await login()
  await press(page, 'Disconnect')
  await page.waitForURL(`${site.url}/`)
  t.match(await textOf(page), 'Signed out')
  t.equal((await site.asked(isPost, 2)).headers.origin, 'null')
  t.same(await context.cookies(), [])
  t.equal(site.emulator.log.filter(({ path, status }) => path === '/v2/oauth/revoke' && status === 204).length, 1)
  t.equal(site.exchanges(), 2)
  t.same(complaints, [])

  await t.test('a form that leads to login is stopped by the browser on the way to Miro', async (t) => {
    const complained = page.waitForEvent('console')
    await page.evaluate("document.querySelector('main').innerHTML = '<form action=\"/auth/miro/login\"><button>Sign in</button></form>'")
    await press(page, 'Sign in')
    t.match((await complained).text(), /form-action/)
    t.equal(page.url(), `${site.url}/`)
  })
})

async function logOut (page: Parameters<typeof press>[0], site: Site): Promise<void> {
  await press(page, 'Log out')
  await page.waitForURL(`${site.url}/`)
  await page.getByText('Signed out').waitFor()
}

function isPage (path: string): (request: AppRequest) => boolean {
  return ({ url, status }) => url.pathname === path && status === 200
}

function isPost ({ method, status }: AppRequest): boolean {
  return method === 'POST' && status > 0
}
