import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import t from 'tap'
import { complaintsOf, hasChromium, startChromium } from '../fixtures/chromium.js'
import { agree, atMiro, beginLogin, cookiesOf, opens, press, signIn, textOf } from '../fixtures/person.js'
import { isCallback, startSite, type Seen, type Site } from '../fixtures/site.js'

if (!hasChromium()) {
  t.pass('skipped: no browser here')
  process.exit()
}
const chromium = await startChromium(t, { folder: 'host' })

t.test('a host whose own cookie is SameSite=Strict: it does not come along from Miro, ours does, and both are there at the next click', async (t) => {
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
  t.notMatch(landing.headers.cookie, 'host=', 'the whole way from Miro counts as cross-site, our redirect included')
  t.match(landing.headers.cookie, '_session=')

  await page.getByRole('link', { name: 'Next page' }).click()
  await page.waitForURL(`${site.url}/page/next`)
  const next = await site.asked(isPage('/page/next'))
  t.match(next.headers.cookie, 'host=kept')
  t.match(next.headers.cookie, '_session=')
  await press(page, 'Log out')
  await page.waitForURL(`${site.url}/`)
  t.same((await page.context().cookies()).map(({ name }) => name), ['host'], 'logout leaves the host\'s cookie alone')
})

t.test('a host that gives @fastify/cookie odd defaults: our cookies keep their own attributes, and everything works', async (t) => {
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

t.test('a host with helmet as it comes, so no-referrer and form-action self: links to login and both forms work', async (t) => {
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
  t.equal(logout.headers.origin, 'null', 'no-referrer takes the origin away')
  t.equal(logout.headers['sec-fetch-site'], 'same-origin', 'and this is what says that the form is the app\'s own')

  await login()
  await press(page, 'Disconnect')
  await page.waitForURL(`${site.url}/`)
  t.match(await textOf(page), 'Signed out')
  t.equal((await site.asked(isPost, 2)).headers.origin, 'null')
  t.same(await context.cookies(), [])
  t.equal(site.emulator.log.filter(({ path, status }) => path === '/v2/oauth/revoke' && status === 204).length, 1)
  t.equal(site.exchanges(), 2)
  t.same(complaints, [])

  await t.test('but not a form that leads to login: the browser stops it on the way to Miro', async (t) => {
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
  t.match(await textOf(page), 'Signed out')
}

function isPage (path: string): (seen: Seen) => boolean {
  return ({ url, status }) => url.pathname === path && status === 200
}

function isPost ({ method, status }: Seen): boolean {
  return method === 'POST' && status > 0
}
