import t from 'tap'
import { createCertificate } from '../fixtures/certificate.js'
import { hasChromium, startChromium } from '../fixtures/chromium.js'
import { startOtherSite } from '../fixtures/other-site.js'
import { agree, atMiro, beginLogin, cookiesOf, opens, press, signIn, textOf } from '../fixtures/person.js'
import { startSite, type Seen } from '../fixtures/site.js'

if (!hasChromium()) {
  t.pass('skipped: no browser here')
  process.exit()
}
const chromium = await startChromium(t, { folder: 'cookies' })

const minute = 60
const day = 86_400

for (const scheme of ['http', 'https'] as const) {
  t.test(`on ${scheme} the browser keeps our cookies as they are meant, out of reach of scripts, and logout takes every one`, async (t) => {
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
    t.equal(none, undefined, 'there is no session before there is a person')

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

t.test('after logout in one tab the session is dead: in another tab, in a script, in the hands of a thief, and in a login under way', async (t) => {
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
  t.test(`a page on a ${relation} host can make the browser send logout and disconnect, and gets 403 for it`, async (t) => {
    const site = await startSite(t)
    const elsewhere = await startOtherSite(t)
    const context = await chromium.visit(t)
    const page = await context.newPage()
    await signIn(page, site)
    const [session = ''] = site.sessions

    for (const path of ['/auth/miro/logout', '/auth/miro/disconnect']) {
      const isPost = ({ method, url, status }: Seen): boolean => method === 'POST' && url.pathname === path && status > 0
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
      await page.evaluate(`fetch(${JSON.stringify(site.url + path)}, { method: 'POST', mode: 'no-cors', credentials: 'include' })`)
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
