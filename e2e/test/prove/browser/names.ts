import { createEmulator } from '@miro-oauth/emulator'
import { adminPage } from '@miro-oauth/example-recipes/admin-page'
import { fastifyMiro } from '@miro-oauth/fastify'
import { signInAs } from '@miro-oauth/fastify/testing'
import { freePort } from '@miro-oauth/test-servers'
import Fastify from 'fastify'
import type { Page } from 'playwright-core'
import t from 'tap'
import { hasChromium, startChromium } from '../../fixtures/chromium.js'
import { startExample } from '../../fixtures/server.js'

if (!hasChromium()) {
  t.pass('skipped: no browser here')
  process.exit()
}
const chromium = await startChromium(t, { folder: 'names' })

const long = 'x'.repeat(300)
const script = '<script>document.title = "run"</script>'
/** Turns around what stands after it, to the end of the paragraph, and ends the isolation of an element around it. */
const overridden = '\u202Emoc.live\u2069\u202E'
const cookieSecret = 'a secret of the tests, and of nothing else'

const lineEndsWithLink = `(() => {
  const line = document.createRange()
  line.selectNodeContents(document.querySelector('.hint'))
  const { right } = document.querySelector('.hint a').getBoundingClientRect()
  return Math.abs(line.getBoundingClientRect().right - right) < 1
})()`

async function sticksOut (page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth > innerWidth')
}

t.test('names: those of people, teams and boards break within a narrow page, and turn nothing around after them', async (t) => {
  const port = await freePort()
  const redirectUri = `http://localhost:${port}/auth/miro/callback`
  const users = [{ id: '11', name: long }, { id: '12', name: overridden }]
  const teams = [{ id: '21', name: long, members: ['11'] }, { id: '22', name: script, members: ['12'] }]
  const boards = [{ id: 'b', name: long, description: long, teamId: '21', ownerId: '11' }]
  await using emulator = await createEmulator({ seed: { app: { redirectUris: [redirectUri] }, users, teams, boards } })
  const { app: { clientId, clientSecret }, endpoints: { authorizeUrl, apiUrl } } = emulator
  const { url } = await startExample(t, {
    port,
    env: {
      MIRO_CLIENT_ID: clientId,
      MIRO_CLIENT_SECRET: clientSecret,
      MIRO_REDIRECT_URI: redirectUri,
      MIRO_AUTHORIZE_URL: authorizeUrl,
      MIRO_API_URL: apiUrl,
      COOKIE_SECRET: cookieSecret
    }
  })
  for (const [person, name] of [long, overridden].entries()) {
    const page = await (await chromium.visit(t)).newPage()
    await page.setViewportSize({ width: 320, height: 700 })
    await page.goto(`${url}/boards`)
    t.notOk(await sticksOut(page), 'Miro\'s page')
    await page.getByRole('radio').nth(person).check()
    await page.getByRole('button', { name: 'Install & authorize' }).click()
    await page.waitForURL(`${url}/boards`)
    for (const path of ['/', '/boards', '/account']) {
      await page.goto(url + path)
      t.notOk(await sticksOut(page), path)
      await chromium.shoot(page, `${path.slice(1) || 'home'}-${person}`)
    }
    await page.setViewportSize({ width: 5000, height: 700 })
    await page.goto(`${url}/boards`)
    t.match(await page.textContent('.hint'), name)
    if (name === overridden) t.ok(await page.evaluate(lineEndsWithLink), 'what stands after a name stands right of it')
    t.notMatch(await page.title(), 'run')
  }
})

t.test('names: the buttons of the admin page stay in the window, and each name is text', async (t) => {
  const port = await freePort()
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  const names = [long, overridden, script, 'مرحبا', ' ']
  await app.register(fastifyMiro, {
    clientId: '1',
    clientSecret: 'secret',
    cookieSecret,
    redirectUri: `http://localhost:${port}/auth/miro/callback`,
    appUserId: () => null,
    async fetch (_url, init) {
      const token = new Headers(init?.headers).get('authorization')?.split('-').at(-1)
      const name = names[Number(token)]
      return Response.json({ user: { id: `1${token}`, name }, team: { id: '2', name }, scopes: ['boards:read'] })
    }
  })
  await app.register(adminPage, { prefix: '/admin', requireAdmin: async () => {} })
  for (const index of names.keys()) {
    const ref = { userId: `1${index}`, teamId: '2' }
    await signInAs(app, { ...ref, appUserId: long, scopes: [long], tokens: { accessToken: `token-${index}`, refreshToken: 'r', expiresInMs: 3_600_000 } })
    await app.miro.auth.fetchNames(ref)
  }
  await app.listen({ port, host: 'localhost' })
  const page = await (await chromium.visit(t)).newPage()
  for (const width of [1000, 700, 320]) {
    await page.setViewportSize({ width, height: 700 })
    await page.goto(`http://localhost:${port}/admin`)
    t.notOk(await sticksOut(page), `${width} px`)
    t.equal(await page.getByRole('button').count(), names.length)
    await chromium.shoot(page, `admin-${width}`)
  }
  for (const name of [long, script]) t.match(await page.textContent('table'), name)
  t.equal(await page.title(), 'Miro grants')
  await page.getByRole('button').first().click()
  await page.getByText('Disconnected').first().waitFor()
  t.equal(await page.getByRole('button').count(), names.length - 1)
})
