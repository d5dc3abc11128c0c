import t from 'tap'
import type { Page } from 'playwright-core'
import { hasChromium } from './fixtures/chromium.js'
import { takeSteps, type ExampleSteps } from './fixtures/example-scene.js'

/** One whole way through the example. What else a person may do there is in `prove/browser/example.ts`. */
const steps: ExampleSteps = {
  async 'sign-in: opens the home page and goes to Miro by keyboard' (t, { page, url, emulatorUrl, shoot }) {
    await page.goto(url)
    await shoot('home-signed-out')
    await tabTo(page, 'Sign in with Miro')
    await shoot('home-keyboard-focus')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${emulatorUrl}/oauth/authorize?**`)
    t.match(await page.title(), 'Install')
    await shoot('authorize')
  },

  async 'sign-in: chooses a user and a team by keyboard, and lands on the boards' (t, { page, url, shoot }) {
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await shoot('authorize-chosen')
    await tabTo(page, 'Install & authorize')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${url}/boards`)
    t.match(await page.textContent('main'), '1 to 6 of 8')
    await shoot('boards')
    await page.getByRole('link', { name: 'Older' }).click()
    await page.waitForURL(`${url}/boards?offset=6`)
    t.match(await page.textContent('main'), '7 to 8 of 8')
    await shoot('boards-second-page')
  },

  async 'boards: creates a board whose name is shown as text, not as markup' (t, { page, url, shoot }) {
    await page.getByLabel('New board').fill('<img src=x onerror=alert(1)> & plans')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${url}/boards`)
    t.equal(await page.getByRole('listitem').first().getByRole('link').textContent(), '<img src=x onerror=alert(1)> & plans')
    await shoot('boards-created')
    await page.getByLabel('New board').fill('   ')
    await page.getByRole('button', { name: 'Create' }).click()
    t.match(await page.getByRole('alert').textContent(), 'A board’s name has 1 to 60 characters.')
    await shoot('boards-no-name')
  },

  async 'refresh: sees the boards after an hour, with one refresh' (t, { page, url, emulatorUrl, shoot }) {
    for (const button of ['An hour passes (for both the app and Miro)', 'An hour passes for Miro alone']) {
      await page.goto(emulatorUrl)
      const before = await refreshes(page)
      await page.getByRole('button', { name: button }).click()
      await page.waitForLoadState()
      await page.goto(`${url}/boards`)
      t.match(await page.textContent('main'), '1 to 6 of 9')
      await page.goto(emulatorUrl)
      t.equal(await refreshes(page), before + 1, `${button}: one refresh`)
    }
    await shoot('emulator')
  },

  async 'disconnect: the button ends the session, and revokes the tokens at Miro' (t, { page, url, emulatorUrl, shoot }) {
    await page.goto(url)
    await page.getByRole('button', { name: 'Disconnect' }).click()
    await page.waitForURL(`${url}/`)
    t.match(await page.textContent('main'), 'Sign in with Miro')
    await page.goto(emulatorUrl)
    t.match(await page.textContent('main'), 'POST /v2/oauth/revoke')
    await shoot('emulator-after-disconnect')
  }
}

/** Presses Tab until a link or button with this text has the focus. */
async function tabTo (page: Page, words: string): Promise<void> {
  for (let i = 0; i < 20; i++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate('document.activeElement?.textContent?.trim()') === words) return
  }
  throw new Error(`Tab does not lead to ${words}`)
}

/** How many requests to the token endpoint the emulator's page shows. */
async function refreshes (page: Page): Promise<number> {
  return await page.locator('td', { hasText: 'POST /v1/oauth/token' }).count()
}

if (hasChromium()) t.test('example server in a browser:', (t) => takeSteps(t, { folder: 'example', steps }))
else t.pass('skipped: no browser here')
