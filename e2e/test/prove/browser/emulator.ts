import { createEmulator, type Emulator } from '@miro-oauth/emulator'
import t, { type Test } from 'tap'
import type { Page } from 'playwright-core'
import { hasChromium, startChromium } from '../../fixtures/chromium.js'
import { openPanel, startPanelSite } from '../../fixtures/panel.js'

// The emulator's own pages, with the names, windows and settings that people have.
if (!hasChromium()) {
  t.pass('skipped: no browser here')
  process.exit()
}
const chromium = await startChromium(t, { folder: 'emulator' })

const long = 'x'.repeat(300)
/** Ends the isolation of an element around it, and turns what stands after it. */
const turning = 'Acme\u2069\u202E'
const redirectUri = 'http://localhost:1/callback'

async function startEmulator (t: Test): Promise<Emulator> {
  const emulator = await createEmulator({
    seed: {
      app: { name: 'Example', redirectUris: [redirectUri], sdkUri: 'http://localhost:1/board' },
      users: [{ id: '11', name: long }],
      teams: [{ id: '21', name: long, members: ['11'] }, { id: '22', name: turning, members: ['11'] }],
      boards: [{ id: 'b', name: 'y'.repeat(60), description: long, teamId: '21', ownerId: '11' }]
    }
  })
  t.teardown(() => emulator.close())
  return emulator
}

function pagesOf ({ app: { clientId } }: Emulator): string[] {
  const query = new URLSearchParams({ response_type: 'code', client_id: clientId, redirect_uri: redirectUri })
  return ['/', '/app/board/b', `/app-install-completed/?client_id=${clientId}&team_id=22`, `/oauth/authorize?${query}`]
}

t.test('emulator: no name widens a page of it, at 320 px or in a narrow window of 200 %', async (t) => {
  const emulator = await startEmulator(t)
  const page = await (await chromium.visit(t)).newPage()
  for (const width of [320, 500, 1000]) {
    await page.setViewportSize({ width, height: 700 })
    for (const path of pagesOf(emulator)) {
      await page.goto(emulator.url + path)
      t.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0, `${width} px: ${path}`)
      if (width === 320) await chromium.shoot(page, (/\w[\w-]+/.exec(path) ?? ['home'])[0])
    }
  }
})

t.test('emulator: the name of a team does not turn the sentence after it', async (t) => {
  const emulator = await startEmulator(t)
  const page = await (await chromium.visit(t)).newPage()
  await page.goto(`${emulator.url}/app-install-completed/?client_id=${emulator.app.clientId}&team_id=22`)
  t.ok(await page.evaluate(`(() => {
    const words = document.querySelector('p strong').nextSibling
    const [first, last] = [2, 6].map((index) => {
      const range = document.createRange()
      range.setStart(words, index)
      range.setEnd(words, index + 1)
      return range.getBoundingClientRect()
    })
    return first.top === last.top && first.left < last.left
  })()`))
})

async function focused (page: Page): Promise<unknown> {
  return page.evaluate('document.activeElement.id || document.activeElement.dataset.id || document.activeElement.tagName')
}

t.test('emulator: on a board the focus survives a closed panel and the notes of others', async (t) => {
  const site = await startPanelSite(t)
  const { page } = await openPanel(await chromium.visit(t), site)
  await page.getByRole('button', { name: 'Close the panel' }).focus()
  await page.keyboard.press('Enter')
  t.equal(await focused(page), 'icon')

  const note = page.locator('#notes button').nth(1)
  await note.focus()
  const id = await note.getAttribute('data-id')
  const body = JSON.stringify({ content: 'of somebody else', userId: '3458764520000000005' })
  const url = site.boardUrl.replace('/app/board/', '/emulator/boards/')
  await fetch(`${url}/sticky-notes`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  await page.locator('#notes').getByText('of somebody else').waitFor()
  t.equal(await focused(page), id)
})

t.test('emulator: which notes are selected is seen in forced colors too', async (t) => {
  const site = await startPanelSite(t)
  const page = await (await chromium.visit(t)).newPage()
  await page.emulateMedia({ forcedColors: 'active' })
  await page.goto(site.boardUrl)
  const outlineOf = (): Promise<unknown> => page.evaluate("getComputedStyle(document.querySelector('#notes button')).outlineStyle")
  const note = page.locator('#notes button').first()
  await note.waitFor()
  t.equal(await outlineOf(), 'none')
  await note.click()
  t.equal(await outlineOf(), 'solid')
  await chromium.shoot(page, 'selected')
})
