import t from 'tap'
import { hasChromium, startChromium } from '../../fixtures/chromium.js'
import { startOtherSite } from '../../fixtures/other-site.js'
import { agree, atMiro, beginUnseen, catchCallback, cookiesOf, textOf } from '../../fixtures/tab-actions.js'
import { startSite, type Site } from '../../fixtures/site.js'

if (!hasChromium()) {
  t.pass('skipped: no browser here')
  process.exit()
}
// Every host name but localhost, on every port, leads to this server.
const evil = await startOtherSite(t)
const chromium = await startChromium(t, { folder: 'return-to', elsewhere: `127.0.0.1:${evil.port}` })

t.test('returnTo: this browser reaches the evil host under every name, so that a visit is noticed', async (t) => {
  const page = await (await chromium.visit(t)).newPage()
  for (const url of ['http://evil.example/', 'http://localhost.evil.example:81/', 'http://192.0.2.1/', `http://localhost:${evil.port}/`]) {
    await page.goto(url)
    t.equal(evil.visits.pop(), new URL(url).host + '/')
  }
  await page.goto('https://evil.example/').catch(() => {})
  t.equal(evil.visits.pop(), 'not http')
  evil.visits.length = 0
})

t.test('returnTo: a page of the app is returned to exactly', async (t) => {
  const site = await startSite(t)
  const context = await chromium.visit(t)
  const page = await context.newPage()
  for (const [target, landing] of [
    ['/page/one?x=1&y=%2F%2F#part', '/page/one?x=1&y=%2F%2F#part'],
    ['/page/größe', '/page/gr%C3%B6%C3%9Fe'],
    [`${site.url}/page/absolute`, '/page/absolute'],
    ['page/relative', '/page/relative']
  ] as const) {
    await page.goto(await catchCallback(await beginUnseen(context, site, target)))
    t.equal(page.url(), site.url + landing)
    t.match(await textOf(page), 'Signed in as Ada Lovelace')
  }
})

t.test('returnTo: a hostile target leaves the browser at the app', async (t) => {
  const site = await startSite(t)
  const targets = hostileTargets(site)
  t.ok(targets.length >= 75)
  const halves = [targets.filter((
    _target,
    index
  ) => index % 2 === 0), targets.filter((_target, index) => index % 2 === 1)]
  await Promise.all(halves.map(async (half) => {
    const context = await chromium.visit(t)
    const page = await context.newPage()
    page.on('dialog', async (dialog) => {
      t.fail(`a script ran: ${dialog.message()}`)
      await dialog.dismiss()
    })
    for (const target of half) {
      await page.goto(await catchCallback(await beginUnseen(context, site, target)))
      const { origin } = new URL(page.url())
      const text = await textOf(page)
      if (origin !== site.url || !text.includes('Signed in as Ada Lovelace')) t.fail(`${JSON.stringify(target)} leads to ${page.url()}: ${text}`)
    }
    t.ok((await cookiesOf(context)).flows.length <= 5, 'many logins leave five cookies at most')
  }))
  t.equal(site.exchanges(), targets.length)
  t.same(evil.visits, [])
})

t.test('requireGrant: the sign-in for a page with a hostile path returns to the app', async (t) => {
  const site = await startSite(t)
  const context = await chromium.visit(t)
  const page = await context.newPage()
  for (const path of ['//evil.example/page', '/\\evil.example', '/%2F%2Fevil.example']) {
    await context.clearCookies()
    await page.goto(site.url + path)
    await atMiro(page, site)
    await agree(page)
    t.equal(new URL(page.url()).origin, site.url, path)
    t.match(await textOf(page), 'Signed in as Ada Lovelace')
  }
  t.same(evil.visits, [])
})

function hostileTargets ({ url, port }: Site): string[] {
  const host = `localhost:${port}`
  return [
    // Slashes, and characters that browsers take for slashes.
    '//evil.example', '///evil.example', '/\\evil.example', '/\\/evil.example', '\\\\evil.example', '／／evil.example', '//',
    // Characters that browsers remove, at the start, at the end and in between.
    '/\t/evil.example', '/\r\n/evil.example', '\t//evil.example', ' //evil.example', '\u0000//evil.example', '\u00a0//evil.example', '\ufeff//evil.example',
    '/\u0000/evil.example', 'ht\ntp://evil.example', '/page/one\r\nLocation: http://evil.example/', '/page/one\r\n\r\n<script>alert(1)</script>',
    // Schemes, whole and halved.
    'http://evil.example', 'https://evil.example', 'https:evil.example', 'https:/evil.example', 'http:evil.example', 'http:\\\\evil.example', 'hTTp://evil.example', 'ftp://evil.example',
    'javascript:alert(1)', 'java\tscript:alert(1)', `javascript://${host}/%0aalert(1)`, 'data:text/html,<script>alert(1)</script>', `blob:${url}/evil`, `filesystem:${url}/evil`,
    'file:///etc/passwd', 'about:blank',
    // Hosts that look like the app's.
    `http://${host}@evil.example`, `http://evil.example#@${host}`, `http://evil.example\\@${host}`, `http://user:secret@${host}/page/one`, `http://${host}.evil.example/`,
    'http://localhost.evil.example/', `http://localhost.:${port}/`, `http://localhost:${evil.port}/`, `//localhost:${evil.port}/`, `https://${host}/`,
    // Other names of this machine.
    `http://127.0.0.1:${evil.port}/`, `http://127.0.0.1:${port}/page/one`, `http://127.1:${evil.port}`, `http://0x7f000001:${evil.port}/`, `http://[::1]:${evil.port}/`,
    // Letters and dots that become others in a URL.
    '//evil。example', '//ⓔvil.example', '//%65vil.example', '//evil%2eexample', 'http://evil.example%00.localhost/',
    // Paths that become another host when they are normalized.
    '/.//evil.example', '/..//evil.example', '/page/..//evil.example', '/%2e//evil.example', '/.\\\\evil.example', '/%2f%2fevil.example', '/%5cevil.example', '/%09/evil.example',
    '/%0d%0a/evil.example', '/;//evil.example', './/evil.example', '@evil.example', ':80', '?//evil.example', '#//evil.example', '',
    // Targets that lead back into the login, and targets that are too long.
    '/auth/miro/login?returnTo=//evil.example', '/AUTH/MIRO/LOGIN', '/auth//miro/login/', '/auth/miro/%6cogin', '/auth/miro/callback?code=1&state=2',
    `//evil.example/${'a'.repeat(5000)}`, `/page/${'a'.repeat(5000)}`, `${'/'.repeat(3000)}evil.example`, `/page/${'../'.repeat(1500)}/evil.example`
  ]
}
