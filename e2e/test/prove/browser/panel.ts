import t, { type Test } from 'tap'
import { hasChromium, startChromium } from '../../fixtures/chromium.js'
import {
  agreeIn, itemsIn, openPanel, openWindow, people, problemIn, startPanelSite, teams, type OpenPanel, type PanelSite
} from '../../fixtures/panel.js'

if (!hasChromium()) {
  t.pass('skipped: no browser here')
  process.exit()
}
const chromium = await startChromium(t, { folder: 'panel-failures' })

const hour = 3_600_000
const ada = { userId: people.ada.userId, teamId: teams.board.id }

interface Scene extends OpenPanel {
  site: PanelSite
}

/** Opens the panel in a new browser, as Ada, who has not connected. */
async function start (t: Test, options: Parameters<typeof startPanelSite>[1] = {}): Promise<Scene> {
  const site = await startPanelSite(t, options)
  return { site, ...await openPanel(await chromium.visit(t), site) }
}

function requestsTo ({ site }: Scene, path: string): number {
  return site.emulator.log.filter((request) => request.path === path).length
}

/** Has the panel ask the app for the items once more. */
async function addNote ({ panel }: Scene, text: string): Promise<void> {
  await panel.getByLabel('New sticky note').fill(text)
  await panel.getByRole('button', { name: 'Add' }).click()
}

t.test('panel: after an hour it goes on with one refresh, and the person meets no window', async (t) => {
  const scene = await start(t)
  await agreeIn(await openWindow(scene))
  await itemsIn(scene)
  scene.site.emulator.clock.advance(hour)
  await addNote(scene, 'an hour later')
  await scene.panel.locator('#items').getByText('an hour later').waitFor()
  t.equal(requestsTo(scene, '/v1/oauth/token'), 2)
  t.equal(scene.page.context().pages().length, 1)
})

t.test('panel: after a disconnect elsewhere it offers to connect, and lists the items again after that', async (t) => {
  const scene = await start(t)
  await agreeIn(await openWindow(scene))
  await itemsIn(scene)
  await scene.site.app.miro.auth.disconnect(ada)
  await addNote(scene, 'disconnected')
  await scene.panel.getByRole('button', { name: 'Connect Miro' }).waitFor()
  await agreeIn(await openWindow(scene))
  t.equal((await itemsIn(scene)).length, 14)
})

t.test('connect: another team than the board\'s is named in the window and told in the panel; its team is connected next', async (t) => {
  const scene = await start(t)
  const window = await openWindow(scene)
  await agreeIn(window, { userName: people.ada.name, teamName: teams.other.name })
  await window.getByRole('heading', { name: 'Another team was connected' }).waitFor()
  t.match(await window.locator('main').textContent(), teams.other.name)
  await chromium.shoot(window, 'other-team-window')
  await window.close()
  t.match(await problemIn(scene), 'You chose another team at Miro.')
  await chromium.shoot(scene.page, 'other-team')
  await agreeIn(await openWindow(scene))
  t.equal((await itemsIn(scene)).length, 13)
  t.ok(await scene.panel.getByRole('alert').isHidden())
})

t.test('connect: "Try again" in the window of another team ends well, and the panel never told of a problem', async (t) => {
  const scene = await start(t)
  const window = await openWindow(scene)
  await agreeIn(window, { userName: people.ada.name, teamName: teams.other.name })
  await window.getByRole('link', { name: 'Try again' }).click()
  await agreeIn(window)
  t.equal((await itemsIn(scene)).length, 13)
  t.ok(await scene.panel.getByRole('alert').isHidden())
})

t.test('connect: another Miro user in the window than at the board gives the panel no grant, and is told', async (t) => {
  const scene = await start(t)
  await agreeIn(await openWindow(scene), { userName: people.grace.name, teamName: teams.board.name })
  t.match(await problemIn(scene), 'you are another Miro user than at this board')
  t.ok(await scene.panel.getByRole('button', { name: 'Connect Miro' }).isVisible())
})

t.test('connect: a refusal is told in the panel by its code once the window is closed', async (t) => {
  for (const [button, onlyTeam, title, sentence] of [
    ['Decline', null, 'MIRO_ACCESS_DENIED', 'You did not agree at Miro'],
    ['Install & authorize', '1', 'MIRO_NOT_ADMITTED', 'This app is not open to you']
  ] as const) {
    const scene = await start(t, { onlyTeam })
    const window = await openWindow(scene)
    await window.getByRole('button', { name: button }).click()
    await window.getByText(title).waitFor()
    await window.close()
    t.match(await problemIn(scene), sentence)
    await chromium.shoot(scene.page, title)
  }
})

t.test('connect: a window that is closed is told, and the next one connects', async (t) => {
  const scene = await start(t)
  await (await openWindow(scene)).close()
  t.match(await problemIn(scene), 'The window was closed')
  await agreeIn(await openWindow(scene))
  t.equal((await itemsIn(scene)).length, 13)
})

t.test('connect: where the browser blocks the window, a plain link leads there, and the panel notices on the way back', async (t) => {
  const scene = await start(t)
  const frame = await scene.frame()
  // The browser of the tests blocks no window that a click opens.
  await frame.evaluate('window.open = () => null')
  await scene.panel.getByRole('button', { name: 'Connect Miro' }).click()
  t.match(await problemIn(scene), 'The browser blocked the window.')
  await chromium.shoot(scene.page, 'blocked')
  const opened = scene.page.context().waitForEvent('page')
  await scene.panel.getByRole('link', { name: 'Connect Miro in a new tab' }).click()
  const tab = await opened
  await tab.getByRole('button', { name: 'Install & authorize' }).waitFor()
  t.equal(await tab.evaluate('window.opener'), null)
  const closed = tab.waitForEvent('close')
  await agreeIn(tab)
  await closed
  // Tabs without a screen are always visible, so the browser fires no such event.
  await frame.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
  t.equal((await itemsIn(scene)).length, 13)
})

t.test('connect: where Miro\'s page cuts the window off, the panel finds the grant by asking', async (t) => {
  const scene = await start(t, { emulate: { authorizeOpener: 'cut' } })
  const window = await openWindow(scene)
  t.equal(await window.evaluate('window.opener'), null)
  await agreeIn(window)
  t.equal((await itemsIn(scene)).length, 13)
})

t.test('install: "Authorize through the SDK" gives the panel its grant, on Miro\'s page and with no session', async (t) => {
  const scene = await start(t)
  const opened = scene.page.context().waitForEvent('page')
  await scene.page.getByRole('link', { name: 'Authorize through the SDK' }).click()
  const tab = await opened
  await agreeIn(tab)
  await tab.waitForURL(`${scene.site.miroUrl}/app-install-completed/?**`)
  t.same(await scene.page.context().cookies(), [])
  const again = await openPanel(scene.page.context(), scene.site)
  t.equal((await itemsIn(again)).length, 13)
})
