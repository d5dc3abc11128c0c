import t, { type Test } from 'tap'
import type { Page } from 'playwright-core'
import { complaintsOf, hasChromium, startChromium } from './fixtures/chromium.js'
import { startDemo } from './fixtures/server.js'

/** The browser's page, the example, and the emulator that the example started. */
interface Scene {
  page: Page
  complaints: string[]
  shoot: (name: string) => Promise<void>
  url: string
  emulatorUrl: string
}

const steps: Record<string, (t: Test, scene: Scene) => Promise<void>> = {
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

  async 'boards: opens a board, and comes back' (t, { page, url, emulatorUrl, shoot }) {
    await page.goto(`${url}/boards`)
    await page.getByRole('link', { name: 'Onboarding journey' }).click()
    await page.waitForURL(`${emulatorUrl}/app/board/**`)
    await shoot('board-at-miro')
    await page.goBack()
    t.equal(page.url(), `${url}/boards`)
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

  async 'session: sees the signed-in user, also on a narrow screen' (t, { page, url, shoot }) {
    await page.goto(url)
    t.match(await page.textContent('main'), 'Acme Design')
    await shoot('home-signed-in')
    await page.setViewportSize({ width: 360, height: 740 })
    await shoot('home-signed-in-narrow')
    t.notOk(await page.evaluate('document.documentElement.scrollWidth > innerWidth'), 'nothing sticks out')
    await page.goto(`${url}/boards`)
    await shoot('boards-narrow')
    t.notOk(await page.evaluate('document.documentElement.scrollWidth > innerWidth'), 'nothing sticks out')
    await page.setViewportSize({ width: 1000, height: 800 })
  },

  async 'logout: the back button shows no page of the session' (t, { page, url }) {
    await page.goto(`${url}/boards`)
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.waitForURL(`${url}/`)
    t.match(await page.textContent('main'), 'Sign in with Miro')
    await page.goBack()
    t.notMatch(await page.textContent('body'), 'Onboarding journey')
  },

  async 'callback: a declined consent shows MIRO_ACCESS_DENIED' (t, { page, url, emulatorUrl, shoot }) {
    await page.goto(url)
    await page.getByRole('link', { name: 'Sign in with Miro' }).click()
    await page.waitForURL(`${emulatorUrl}/oauth/authorize?**`)
    await page.getByRole('button', { name: 'Decline' }).click()
    await page.waitForURL(`${url}/auth/miro/callback`)
    t.match(await page.textContent('main'), 'MIRO_ACCESS_DENIED')
    await shoot('declined')
  },

  async 'callback: a callback without a login shows MIRO_CALLBACK_STATE_MISSING' (t, { page, url, shoot }) {
    await page.goto(`${url}/auth/miro/callback?code=planted`)
    t.match(await page.textContent('main'), 'MIRO_CALLBACK_STATE_MISSING')
    t.notMatch(await page.content(), 'planted')
    await shoot('callback-failed')
    await page.getByRole('link', { name: 'Try again' }).click()
    await page.waitForURL('**/oauth/authorize?**')
  },

  async 'callback: goes back after the sign-in, authorizes once more, and lands on the same page' (t, { page, url, emulatorUrl }) {
    await page.goto(`${url}/boards`)
    await page.waitForURL(`${emulatorUrl}/oauth/authorize?**`)
    await page.getByRole('button', { name: 'Install & authorize' }).click()
    await page.waitForURL(`${url}/boards`)
    await page.goBack()
    await page.waitForURL(`${emulatorUrl}/oauth/authorize?**`)
    await page.getByRole('button', { name: 'Install & authorize' }).click()
    await page.waitForURL(`${url}/boards`)
    t.match(await page.textContent('main'), '1 to 6 of 9')
  },

  async 'session: sends a form after another tab logged out, and signs in from the answer' (t, { page, url, emulatorUrl, shoot }) {
    await page.goto(`${url}/boards`)
    const other = await page.context().newPage()
    await other.goto(url)
    await other.getByRole('button', { name: 'Log out' }).click()
    await other.waitForURL(`${url}/`)
    await other.close()
    await page.getByLabel('New board').fill('Late')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Sign in with Miro' }).waitFor()
    await shoot('signed-out-form')
    await page.getByRole('link', { name: 'Sign in with Miro' }).click()
    await page.waitForURL(`${emulatorUrl}/oauth/authorize?**`)
    await page.getByRole('button', { name: 'Install & authorize' }).click()
    await page.waitForURL(`${url}/boards`)
    t.pass('back on the boards')
  },

  async 'disconnect: the button ends the session, and revokes the tokens at Miro' (t, { page, url, emulatorUrl, shoot }) {
    await page.goto(url)
    await page.getByRole('button', { name: 'Disconnect' }).click()
    await page.waitForURL(`${url}/`)
    t.match(await page.textContent('main'), 'Sign in with Miro')
    await page.goto(emulatorUrl)
    t.match(await page.textContent('main'), 'POST /v2/oauth/revoke')
    await shoot('emulator-after-disconnect')
  },

  async 'pages: an unknown path is a 404' (t, { page, url, shoot }) {
    const answer = await page.goto(`${url}/nowhere`)
    t.equal(answer?.status(), 404)
    await shoot('not-found')
  },

  async 'pages: the browser reports no error but those of pages that are meant to fail' (t, { complaints }) {
    const unexpected = complaints.filter((line) => !/the server responded with a status of (400|401|403|404)/.test(line))
    t.same(unexpected, [])
    for (const line of complaints) t.match(line, /\/(boards|nowhere|auth\/miro\/callback)\b/, 'no style, icon or other part of a page is missing')
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

if (hasChromium()) {
  t.test('example server in a browser:', async (t) => {
    const { url, emulatorUrl } = await startDemo(t)
    const chromium = await startChromium(t, { folder: 'example' })
    const context = await chromium.visit(t)
    const page = await context.newPage()
    const scene: Scene = {
      page,
      url,
      emulatorUrl,
      complaints: complaintsOf(context),
      shoot: (name) => chromium.shoot(page, name)
    }
    for (const [name, step] of Object.entries(steps)) await t.test(name, (t) => step(t, scene))
  })
} else {
  t.pass('skipped: no browser here')
}
