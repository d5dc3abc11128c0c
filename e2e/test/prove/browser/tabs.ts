import t, { type Test } from 'tap'
import type { Page } from 'playwright-core'
import { hasChromium, startChromium } from '../../fixtures/chromium.js'
import { agree, atMiro, beginLogin, beginUnseen, catchCallback, cookiesOf, opens, textOf } from '../../fixtures/tab-actions.js'
import { isCallback, startSite } from '../../fixtures/site.js'

if (!hasChromium()) {
  t.pass('skipped: no browser here')
  process.exit()
}
const chromium = await startChromium(t, { folder: 'tabs' })

t.test('tabs: the app and Miro are different sites to this browser, so that the callback is cross-site', async (t) => {
  const site = await startSite(t)
  const page = await (await chromium.visit(t)).newPage()
  await beginLogin(page, site, '/page/one')
  await agree(page)
  t.equal(page.url(), `${site.url}/page/one`)
  const callback = await site.asked(isCallback)
  t.equal(callback.headers['sec-fetch-site'], 'cross-site')
  t.equal(callback.headers['sec-fetch-mode'], 'navigate')
  t.match(callback.headers.cookie, /_flow_/, 'the cookie of the flow is sent')
})

for (const order of [['one', 'two'], ['two', 'one']] as const) {
  t.test(`tabs: two logins, tab ${order[0]} first, land on their own pages, and leave one session`, async (t) => {
    const site = await startSite(t)
    const context = await chromium.visit(t)
    const tabs = { one: await context.newPage(), two: await context.newPage() }
    await beginLogin(tabs.one, site, '/page/one')
    await beginLogin(tabs.two, site, '/page/two')

    await agree(tabs[order[0]], 'Ada Lovelace')
    t.equal(tabs[order[0]].url(), `${site.url}/page/${order[0]}`)
    t.match(await textOf(tabs[order[0]]), 'Signed in as Ada Lovelace')
    t.ok(await opens(site, site.sessions[0] ?? ''))

    await agree(tabs[order[1]], 'Grace Hopper')
    t.equal(tabs[order[1]].url(), `${site.url}/page/${order[1]}`)
    t.match(await textOf(tabs[order[1]]), 'Signed in as Grace Hopper')

    await tabs[order[0]].reload()
    t.match(await textOf(tabs[order[0]]), 'Signed in as Grace Hopper', 'the first tab has the session of the browser')
    t.equal(site.exchanges(), 2)
    t.equal(site.sessions.length, 2)
    const [first = '', second = ''] = site.sessions
    t.notOk(await opens(site, first))
    t.ok(await opens(site, second))
    const { session } = await cookiesOf(context)
    t.equal(`${session?.name}=${session?.value}`, second)
  })
}

t.test('tabs: five logins that are finished in any order land on their own pages', async (t) => {
  const site = await startSite(t)
  const context = await chromium.visit(t)
  const tabs = await Promise.all(Array.from({ length: 5 }, () => context.newPage()))

  /** Begins five logins at once and finishes them in this order. */
  async function inOrder (t: Test, order: readonly number[], { begin, finish }: {
    begin: (tab: Page, returnTo: string) => Promise<string>
    finish: (tab: Page, begun: string) => Promise<unknown>
  }): Promise<void> {
    await context.clearCookies()
    const [exchanges, sessions] = [site.exchanges(), site.sessions.length]
    const begun = await Promise.all(tabs.map((tab, index) => begin(tab, `/page/${index}`)))
    for (const index of order) {
      const tab = tabs[index] as Page
      await finish(tab, begun[index] as string)
      t.equal(tab.url(), `${site.url}/page/${index}`)
      t.match(await textOf(tab), 'Signed in as Ada Lovelace')
    }
    t.equal(site.exchanges() - exchanges, 5)
    const alive = await Promise.all(site.sessions.slice(sessions).map((session) => opens(site, session)))
    t.same(alive, [false, false, false, false, true], 'of the five sessions only the last is valid')
  }

  for (const order of [[2, 0, 4, 1, 3], [4, 3, 2, 1, 0]]) {
    await t.test(`${order.join(', ')}, all the way through Miro's page`, (t) => inOrder(t, order, {
      async begin (tab, returnTo) {
        await beginLogin(tab, site, returnTo)
        return ''
      },
      finish: (tab) => agree(tab)
    }))
  }

  for (const order of [[0, 1, 2, 3, 4], [1, 2, 3, 4, 0], [2, 3, 4, 0, 1], [3, 4, 0, 1, 2], [4, 0, 1, 2, 3]]) {
    await t.test(`${order.join(', ')}, with Miro's page left out`, (t) => inOrder(t, order, {
      begin: async (_tab, returnTo) => catchCallback(await beginUnseen(context, site, returnTo)),
      finish: (tab, callback) => tab.goto(callback)
    }))
  }
})

t.test('tabs: a sixth login drops the oldest one, which fails and can be started again', async (t) => {
  const site = await startSite(t)
  const context = await chromium.visit(t)
  const tabs: Page[] = []
  for (let index = 0; index < 6; index++) {
    const tab = await context.newPage()
    tabs.push(tab)
    await beginLogin(tab, site, `/page/${index}`)
  }
  t.equal((await cookiesOf(context)).flows.length, 5)

  const [oldest, ...others] = tabs as [Page, ...Page[]]
  await agree(oldest)
  t.equal(oldest.url(), site.callbackUrl)
  t.match(await textOf(oldest), 'MIRO_CALLBACK_STATE_UNKNOWN')
  await chromium.shoot(oldest, 'sixth-tab-dropped-this-one')
  t.equal(site.exchanges(), 0)

  for (const [index, tab] of others.entries()) {
    await agree(tab)
    t.equal(tab.url(), `${site.url}/page/${index + 1}`)
  }
  t.equal(site.exchanges(), 5)
  await oldest.getByRole('link', { name: 'Try again' }).click()
  await atMiro(oldest, site)
  await agree(oldest)
  t.equal(oldest.url(), `${site.url}/`)
  t.match(await textOf(oldest), 'Signed in as Ada Lovelace')
})
