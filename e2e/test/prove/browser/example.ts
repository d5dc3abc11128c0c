import t from 'tap'
import { hasChromium } from '../../fixtures/chromium.js'
import { takeSteps, type ExampleSteps } from '../../fixtures/example-scene.js'

const steps: ExampleSteps = {
  async 'sign-in: goes to Miro from a page that needs it, and lands on the boards' (t, { page, url, emulatorUrl }) {
    await page.goto(`${url}/boards`)
    await page.waitForURL(`${emulatorUrl}/oauth/authorize?**`)
    await page.getByRole('button', { name: 'Install & authorize' }).click()
    await page.waitForURL(`${url}/boards`)
    t.match(await page.textContent('main'), '1 to 6 of 8')
  },

  async 'boards: opens a board, and comes back' (t, { page, url, emulatorUrl, shoot }) {
    await page.goto(`${url}/boards`)
    await page.getByRole('link', { name: 'Onboarding journey' }).click()
    await page.waitForURL(`${emulatorUrl}/app/board/**`)
    await shoot('board-at-miro')
    await page.goBack()
    t.equal(page.url(), `${url}/boards`)
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
    t.match(await page.textContent('main'), '1 to 6 of 8')
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

  async 'pages: an unknown path is a 404' (t, { page, url, shoot }) {
    const answer = await page.goto(`${url}/nowhere`)
    t.equal(answer?.status(), 404)
    await shoot('not-found')
  }
}

if (hasChromium()) t.test('example server in a browser:', (t) => takeSteps(t, { folder: 'example-more', steps }))
else t.pass('skipped: no browser here')
