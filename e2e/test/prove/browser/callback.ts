import { get } from 'node:http'
import t from 'tap'
import { hasChromium, startChromium } from '../../fixtures/chromium.js'
import { agree, atMiro, beginLogin, catchCallback, clickByMouse, cookiesOf, decline, opens, signIn, textOf } from '../../fixtures/tab-actions.js'
import { isCallback, startSite } from '../../fixtures/site.js'

if (!hasChromium()) {
  t.pass('skipped: no browser here')
  process.exit()
}
const chromium = await startChromium(t, { folder: 'callback' })

t.test('callback: back, forward and reload after a sign-in never open the callback again', async (t) => {
  const site = await startSite(t)
  const page = await (await chromium.visit(t)).newPage()
  await signIn(page, site, '/page/one')
  await page.reload()
  t.match(await textOf(page), 'Page one Signed in as Ada Lovelace')
  await page.goBack()
  await atMiro(page, site)
  await page.goForward()
  t.equal(page.url(), `${site.url}/page/one`)
  t.match(await textOf(page), 'Page one Signed in as Ada Lovelace')
  t.equal(site.requests.filter(isCallback).length, 1)
  t.equal(site.exchanges(), 1)
})

t.test('callback: its address opened again redirects to the same page, without an exchange', async (t) => {
  const site = await startSite(t)
  const context = await chromium.visit(t)
  const page = await context.newPage()
  await signIn(page, site, '/page/one')
  const callback = await site.asked(isCallback)
  for (const again of [1, 2]) {
    await page.goto('about:blank')
    await page.goto(callback.url.href)
    t.equal(page.url(), `${site.url}/page/one`, `time ${again}`)
    t.match(await textOf(page), 'Page one Signed in as Ada Lovelace')
  }
  await page.reload()
  t.equal(site.exchanges(), 1)
  t.equal(site.sessions.length, 1)

  await t.test('another browser gets MIRO_CALLBACK_STATE_UNKNOWN, and no cookie', async (t) => {
    const stranger = await chromium.visit(t)
    const elsewhere = await stranger.newPage()
    const answer = await elsewhere.goto(callback.url.href)
    t.equal(answer?.status(), 400)
    t.match(await textOf(elsewhere), 'MIRO_CALLBACK_STATE_UNKNOWN')
    await chromium.shoot(elsewhere, 'another-browser')
    t.same((await stranger.cookies()).filter(({ name }) => !name.endsWith('_result')), [])
    await elsewhere.goto(`${site.url}/`)
    t.match(await textOf(elsewhere), 'Signed out')
    t.equal(site.exchanges(), 1)
  })

  await t.test('after another sign-in it is MIRO_CALLBACK_STATE_USED, and does not open the new session', async (t) => {
    const other = await context.newPage()
    await beginLogin(other, site, '/page/two')
    await agree(other, 'Grace Hopper')
    const answer = await page.goto(callback.url.href)
    t.equal(answer?.status(), 400)
    t.match(await textOf(page), 'MIRO_CALLBACK_STATE_USED')
    await chromium.shoot(page, 'state-used')
    await page.reload()
    t.match(await textOf(page), 'MIRO_CALLBACK_STATE_USED')
    t.equal(site.exchanges(), 2)
    await page.getByRole('link', { name: 'Try again' }).click()
    await atMiro(page, site)
  })
})

t.test('callback: a declined consent is shown, and going back to agree signs in', async (t) => {
  const site = await startSite(t)
  const context = await chromium.visit(t)
  const page = await context.newPage()
  await beginLogin(page, site, '/page/one')
  await decline(page)
  t.equal(page.url(), site.callbackUrl, 'without code and state')
  t.match(await textOf(page), 'You are not connected to Miro')
  t.match(await textOf(page), 'MIRO_ACCESS_DENIED')
  await chromium.shoot(page, 'declined')
  await page.reload()
  t.match(await textOf(page), 'MIRO_ACCESS_DENIED')
  t.equal(site.exchanges(), 0)
  t.equal((await cookiesOf(context)).session, undefined)

  await page.goBack()
  await atMiro(page, site)
  await agree(page)
  t.equal(page.url(), `${site.url}/page/one`)
  t.match(await textOf(page), 'Signed in as Ada Lovelace')
  t.equal(site.exchanges(), 1)
})

t.test('callback: a second click while Miro is slow makes no second exchange', async (t) => {
  const site = await startSite(t)
  let open = (): void => {}
  const slow = site.emulator.faults.add({ on: 'token', do: 'delay', until: new Promise<void>((resolve) => { open = resolve }) })
  const page = await (await chromium.visit(t)).newPage()
  await beginLogin(page, site, '/')
  const { x, y } = await page.getByRole('button', { name: 'Install' }).boundingBox() ?? { x: 0, y: 0 }
  await page.mouse.click(x + 5, y + 5)
  await slow.hit
  await page.mouse.click(x + 5, y + 5)
  await site.asked(isCallback, 2)
  open()

  await page.waitForURL(site.callbackUrl)
  t.match(await textOf(page), 'MIRO_CALLBACK_STATE_USED')
  t.equal(site.exchanges(), 1)
  await page.getByRole('link', { name: 'Try again' }).click()
  await atMiro(page, site)
  await agree(page)
  t.equal(page.url(), `${site.url}/`)
  t.match(await textOf(page), 'Signed in as Ada Lovelace')
})

t.test('callback: a login that took more than ten minutes is expired, and can be started again', async (t) => {
  const site = await startSite(t)
  const page = await (await chromium.visit(t)).newPage()
  await beginLogin(page, site, '/page/one')
  const callback = await catchCallback(page.url())
  site.emulator.clock.advance(600_001)
  const answer = await page.goto(callback)
  t.equal(answer?.status(), 400)
  t.match(await textOf(page), 'MIRO_CALLBACK_STATE_EXPIRED')
  await chromium.shoot(page, 'expired')
  t.equal(site.exchanges(), 0)
  await page.getByRole('link', { name: 'Try again' }).click()
  await atMiro(page, site)
  await agree(page)
  t.match(await textOf(page), 'Signed in as Ada Lovelace')
})

for (const how of ['link', 'prefetch', 'prerender']) {
  const words = how === 'link' ? '<link rel=prefetch>' : `a speculation rule (${how})`
  t.test(`prefetch: ${words} of a callback or login has no effect, and the real visit works`, async (t) => {
    const site = await startSite(t)
    const context = await chromium.visit(t)
    const page = await context.newPage()
    await beginLogin(page, site, '/page/one')
    const before = await context.cookies()
    const callback = await catchCallback(page.url())
    for (const target of [callback, `${site.url}/auth/miro/login?returnTo=%2Fpage%2Ftwo`]) {
      await page.goto(`${site.url}/hint?${new URLSearchParams({ how, url: target }).toString()}`)
      const guessed = await site.asked(({ url, headers, status }) => url.href === target && 'sec-purpose' in headers && status > 0)
      t.match(guessed.headers['sec-purpose'], how === 'prerender' ? /prerender/ : /^prefetch/)
      t.match(guessed.headers.cookie, /_flow_/, 'the request has the cookie of the flow')
      t.equal(guessed.status, 412, 'an error, which Chromium never shows in place of the page')
    }
    t.equal(site.exchanges(), 0)
    t.same(await context.cookies(), before)

    await page.goto(callback)
    t.equal(page.url(), `${site.url}/page/one`)
    t.match(await textOf(page), 'Signed in as Ada Lovelace')
    t.equal(site.exchanges(), 1)
    await beginLogin(page, site, '/page/two')
  })
}

for (const how of ['link', 'prefetch', 'prerender']) {
  t.test(`prefetch: a click on the login link goes to Miro, though a ${how} has asked for it before`, async (t) => {
    const site = await startSite(t)
    const page = await (await chromium.visit(t)).newPage()
    const target = `${site.url}/auth/miro/login?returnTo=%2Fpage%2Fone`
    await page.goto(`${site.url}/hint?${new URLSearchParams({ how, url: target }).toString()}`)
    await site.asked(({ url, headers, status }) => url.href === target && 'sec-purpose' in headers && status > 0)
    await clickByMouse(page, 'The guessed page')
    await atMiro(page, site)
    await agree(page)
    t.equal(page.url(), `${site.url}/page/one`)
  })
}

t.test('login: a login on 127.0.0.1 redirects to localhost once, and completes there', async (t) => {
  const site = await startSite(t)
  const page = await (await chromium.visit(t)).newPage()
  const isLogin = ({ url }: { url: URL }): boolean => url.pathname === '/auth/miro/login'
  await page.goto(`http://127.0.0.1:${site.port}/page/one?x=1`)
  await atMiro(page, site)
  t.same(site.requests.filter(isLogin).map(({ url }) => url.hostname), ['127.0.0.1', 'localhost'])
  await agree(page)
  t.equal(page.url(), `${site.url}/page/one?x=1`)
  t.match(await textOf(page), 'Signed in as Ada Lovelace')
  t.equal(site.exchanges(), 1)

  await t.test('with moved=1 already in the query it ends on an error page instead of a loop', async (t) => {
    const logins = site.requests.filter(isLogin).length
    await page.goto(`http://127.0.0.1:${site.port}/auth/miro/login?moved=1`)
    await atMiro(page, site)
    await agree(page)
    t.match(await textOf(page), 'MIRO_CALLBACK_STATE_UNKNOWN')
    t.equal(site.requests.filter(isLogin).length, logins + 1)
    t.equal(site.exchanges(), 1)
    await page.getByRole('link', { name: 'Try again' }).click()
    await atMiro(page, site)
    await agree(page)
    t.equal(page.url(), `${site.url}/`)
  })
})

t.test('callback: a hundred identical callbacks at once', async (t) => {
  await t.test('from scripts of the browser make one exchange and one session', async (t) => {
    const site = await startSite(t)
    const context = await chromium.visit(t)
    const page = await context.newPage()
    await beginLogin(page, site, '/page/one')
    const callback = await catchCallback(page.url())
    await page.goto(`${site.url}/`)
    const answers = await page.evaluate(async (url) => {
      // With its cache, Chromium would send them one after the other, to use one answer for all.
      const init: object = { cache: 'no-store' }
      return Promise.all(Array.from({ length: 100 }, async () => {
        const answer = await fetch(url, init)
        return answer.ok ? answer.url : (await answer.json() as { code: string }).code
      }))
    }, callback)
    const { MIRO_CALLBACK_STATE_USED: refused = 0, [`${site.url}/page/one`]: same = 0, ...others } = tally(answers)
    t.same(others, {})
    t.equal(refused + same, 100)
    t.ok(same > 0)
    t.equal(site.exchanges(), 1)
    t.equal(site.sessions.length, 1)
    await page.reload()
    t.match(await textOf(page), 'Signed in as Ada Lovelace')
  })

  await t.test('on a hundred connections with its cookies make one exchange and one session', async (t) => {
    const site = await startSite(t)
    const context = await chromium.visit(t)
    const page = await context.newPage()
    await beginLogin(page, site, '/page/one')
    const callback = await catchCallback(page.url())
    const { flows: [flow] } = await cookiesOf(context)
    const cookie = `${flow?.name}=${flow?.value}`
    const answers = await Promise.all(Array.from({ length: 100 }, () => callOn(callback, cookie)))
    const { '303 /auth/miro/callback': refused = 0, [`303 ${site.url}/page/one`]: same = 0, [`303 ${callback}`]: again = 0, ...others } = tally(answers)
    t.same(others, {})
    t.equal(same, 1)
    t.equal(refused + again, 99)
    t.equal(site.exchanges(), 1)
    t.equal(site.sessions.length, 1)
    const [session = ''] = site.sessions
    t.ok(await opens(site, session))
    t.equal(await callOn(callback, `${cookie}; ${session}`), `303 ${site.url}/page/one`, 'a callback that is redirected to itself works with the session')
    t.equal(await callOn(callback, cookie), '303 /auth/miro/callback')
  })
})

function tally (answers: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1
  return counts
}

/**
 * Opens a callback as a page, and follows no redirect. Returns the status and the location. It does not use `fetch`,
 * whose `Sec-Fetch-Mode` is never that of a page.
 */
function callOn (url: string, cookie: string): Promise<string> {
  const headers = { cookie, accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (answer) => {
      const { statusCode, headers: { location } } = answer.resume()
      resolve(location === undefined ? String(statusCode) : `${statusCode} ${location}`)
    }).once('error', reject)
  })
}
