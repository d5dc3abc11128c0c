import t, { type Test } from 'tap'
import type { Frame } from 'playwright-core'
import { hasChromium, startChromium } from '../../fixtures/chromium.js'
import {
  agreeIn, itemsIn, openPanel, openWindow, people, startPanelSite, teams, type OpenPanel, type PanelSite
} from '../../fixtures/panel.js'

// What a person meets who uses the panel by keyboard, by a screen reader, in a hurry, or in a language of another
// direction.
if (!hasChromium()) {
  t.pass('skipped: no browser here')
  process.exit()
}
const chromium = await startChromium(t, { folder: 'panel-use' })

interface Scene extends OpenPanel {
  site: PanelSite
}

async function start (t: Test, options: Parameters<typeof startPanelSite>[1] = {}): Promise<Scene> {
  const site = await startPanelSite(t, options)
  return { site, ...await openPanel(await chromium.visit(t), site) }
}

async function focused (frame: Frame): Promise<string> {
  return String(await frame.evaluate('document.activeElement.textContent'))
}

t.test('panel: the focus moves along when its button is hidden, and what happened is said in a live region', async (t) => {
  const scene = await start(t)
  const frame = await scene.frame()
  const status = scene.panel.getByRole('status')
  t.equal(await status.textContent(), '', 'it is there before it says anything')
  await scene.panel.getByRole('button', { name: 'Connect Miro' }).focus()
  const opened = scene.page.waitForEvent('popup')
  await scene.page.keyboard.press('Enter')
  const window = await opened
  t.equal(await status.textContent(), 'Go on in the window that has opened.')
  await agreeIn(window)
  await itemsIn(scene)
  t.equal(await focused(frame), 'On this board')
  await scene.panel.getByText('Miro is connected.').waitFor()

  await scene.panel.getByRole('button', { name: 'Disconnect' }).focus()
  await scene.page.keyboard.press('Enter')
  await scene.panel.getByText('Miro is disconnected.').waitFor()
  t.equal(await focused(frame), 'Connect Miro')
  await chromium.shoot(scene.page, 'disconnected')
})

t.test('panel: a double click adds one note, and what is typed meanwhile stays', async (t) => {
  const scene = await start(t)
  await agreeIn(await openWindow(scene))
  const before = (await itemsIn(scene)).length
  await scene.page.route('**/sticky-notes', async (route) => {
    await new Promise((resolve) => { setTimeout(resolve, 500) })
    await route.continue()
  })
  const field = scene.panel.getByLabel('New sticky note')
  await field.fill('once')
  for (let i = 0; i < 2; i++) await scene.panel.getByRole('button', { name: 'Add' }).click()
  await field.fill('the next one')
  await scene.panel.getByText('The note was added.').waitFor()
  t.equal((await itemsIn(scene)).length, before + 1)
  t.equal(await field.inputValue(), 'the next one')
})

t.test('panel: an answer that comes after that to a later request shows nothing any more', async (t) => {
  const scene = await start(t)
  await agreeIn(await openWindow(scene))
  await itemsIn(scene)
  let release = (): void => {}
  const released = new Promise<void>((resolve) => { release = resolve })
  let isFirst = true
  await scene.page.route('**/panel/items?*', async (route) => {
    const answer = await route.fetch()
    if (isFirst) {
      isFirst = false
      await released
    }
    await route.fulfill({ response: answer })
  })
  const frame = await scene.frame()
  const late = scene.page.waitForResponse((answer) => answer.url().includes('/panel/items') && answer.ok())
  const asked = scene.page.waitForRequest(/panel\/items/)
  await frame.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
  await asked
  await scene.panel.getByRole('button', { name: 'Disconnect' }).click()
  await scene.panel.getByRole('button', { name: 'Connect Miro' }).waitFor()
  release()
  await late
  await frame.waitForTimeout(200)
  t.ok(await scene.panel.getByRole('button', { name: 'Connect Miro' }).isVisible())
})

/** Whether the words after the name of the user are written from left to right: their first is left of their last. */
const readsOn = `(() => {
  const words = document.getElementById('grant-user').nextSibling
  const [first, last] = [',', 'team'].map((word) => {
    const range = document.createRange()
    range.setStart(words, words.data.indexOf(word))
    range.setEnd(words, words.data.indexOf(word) + 1)
    return range.getBoundingClientRect()
  })
  return first.top < last.top || first.left < last.left
})()`

t.test('panel: a name that turns its direction does not turn the words after it', async (t) => {
  for (const name of ['مريم', '\u202Eada', 'Ada\u2069\u202E']) {
    const seed = {
      users: [{ id: people.ada.userId, name }],
      teams: [{ id: teams.board.id, name: 'فريق', members: [people.ada.userId] }],
      boards: [{ id: 'uXjVOD6LSME=', name: 'Board', teamId: teams.board.id, ownerId: people.ada.userId }]
    }
    const scene = await start(t, { emulate: { seed } })
    await agreeIn(await openWindow(scene))
    await itemsIn(scene)
    t.ok(await (await scene.frame()).evaluate(readsOn), JSON.stringify(name))
    await chromium.shoot(scene.page, `name-${name.length}`)
  }
})
