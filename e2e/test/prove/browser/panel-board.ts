import t, { type Test } from 'tap'
import { complaintsOf, hasChromium, startChromium } from '../../fixtures/chromium.js'
import {
  agreeIn, cookiesKeptIn, itemsIn, openPanel, openWindow, startPanelSite, type OpenPanel, type PanelSite
} from '../../fixtures/panel.js'

/** The board with the panel, and the app and the emulator behind it. */
interface Scene {
  site: PanelSite
  open: OpenPanel
  complaints: string[]
  shoot: (name: string) => Promise<void>
}

const steps: Record<string, (t: Test, scene: Scene) => Promise<void>> = {
  async 'panel: the frame on the board is of another site, and gets no third-party cookies' (t, { site, open }) {
    t.not(new URL(site.boardUrl).hostname, new URL(site.url).hostname)
    const own = await open.page.context().newPage()
    await own.goto(site.url)
    t.equal(await cookiesKeptIn(own), 'third_party=1; partitioned=1', 'where the app is no third party')
    await own.close()
    t.equal(await cookiesKeptIn(await open.frame()), 'partitioned=1')
  },

  async 'panel: without a grant it says who is there, and offers to connect' (t, { site, open, shoot }) {
    t.match(await open.panel.locator('main').innerText(), /Hello, Ada Lovelace\s+Miro user 3458764520000000003 in the team 3458764530000000003/)
    await open.panel.getByRole('button', { name: 'Connect Miro' }).waitFor()
    t.equal(site.emulator.log.filter(({ path }) => path.startsWith('/v1/') || path.startsWith('/v2/')).length, 0)
    await shoot('not-connected')
  },

  async 'connect: in a new window, which closes itself, and the panel lists the items' (t, { open, shoot }) {
    const window = await openWindow(open)
    await shoot('waiting')
    const closed = window.waitForEvent('close')
    await agreeIn(window)
    const items = await itemsIn(open)
    t.equal(items.length, 13)
    t.equal(items[1], 'First board sticky note')
    await closed
    t.match(await open.panel.locator('#grant').textContent(), 'as Ada Lovelace, in the team Acme Design')
    await shoot('connected')
  },

  async 'items: a sticky note that the panel adds appears on the board and in the list, as text' (t, { open, shoot }) {
    const text = '<img src=x onerror=alert(1)> & plans'
    await open.panel.getByLabel('New sticky note').fill(text)
    await open.panel.getByRole('button', { name: 'Add' }).click()
    await open.page.locator('#notes').getByText(text).waitFor()
    await open.panel.locator('#items').getByText(text).waitFor()
    t.equal((await itemsIn(open)).length, 14)
    await shoot('note-added')
  },

  async 'items: markup that others write on the board runs nowhere, and is listed as its text' (t, { site, open }) {
    const content = '<b>bold</b><img src=x onerror="document.title=1"><script>document.title=2</script>'
    const [, userId = ''] = /Miro user (\d+)/.exec(await open.panel.locator('#person').textContent() ?? '') ?? []
    const url = site.boardUrl.replace('/app/board/', '/emulator/boards/')
    await fetch(`${url}/sticky-notes`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ content, userId })
    })
    await open.page.bringToFront()
    await open.panel.getByLabel('New sticky note').fill('last')
    await open.panel.getByRole('button', { name: 'Add' }).click()
    await open.panel.locator('#items').getByText('last').waitFor()
    t.match((await itemsIn(open))[14], /^bold/)
    t.equal(await open.panel.locator('#items img, #items b').count(), 0)
    t.match(await (await open.frame()).title(), 'Example panel')
  },

  async 'disconnect: the button ends the grant at Miro, and the panel offers to connect again' (t, { site, open }) {
    await open.panel.getByRole('button', { name: 'Disconnect' }).click()
    await open.panel.getByRole('button', { name: 'Connect Miro' }).waitFor()
    t.equal(site.emulator.log.filter(({ path }) => path === '/v2/oauth/revoke').length, 1)
  },

  async 'pages: the browser reports the two refusals for a missing grant, the planted handler, and nothing else' (t, { complaints }) {
    const others = complaints.filter((line) => !/^\S+(item-text|notes)\.js: Executing inline event handler violates/.test(line))
    t.equal(others.length, 2)
    for (const line of others) t.match(line, /\/panel\/items\?.*status of 401/)
  }
}

if (hasChromium()) {
  t.test('example panel in a browser:', async (t) => {
    const site = await startPanelSite(t)
    const chromium = await startChromium(t, { folder: 'panel' })
    const context = await chromium.visit(t)
    const complaints = complaintsOf(context)
    const open = await openPanel(context, site)
    const scene = { site, open, complaints, shoot: (name: string) => chromium.shoot(open.page, name) }
    for (const [name, step] of Object.entries(steps)) await t.test(name, (t) => step(t, scene))
  })
} else {
  t.pass('skipped: no browser here')
}
