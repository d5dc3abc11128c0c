import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createEmulator, type Emulator } from '@miro-oauth/emulator'
import { freePort } from '@miro-oauth/test-servers'
import t, { type Test } from 'tap'
import { startForwardProxy, type ForwardProxy } from '../fixtures/forward-proxy.js'
import { Visitor } from '../fixtures/visitor.js'

const hour = 3_600_000
const program = fileURLToPath(new URL('../fixtures/proxied-app.js', import.meta.url))

/** Where Miro's API is for the app: on loopback, for http is allowed there, and nothing listens at this address. */
const outside = 'http://127.77.0.1:4100'

/** How a process is told that a proxy is the only way out. */
const settings: Record<string, (proxy: string) => Record<string, string>> = {
  'the option fetch with a ProxyAgent': (proxy) => ({ FETCH_PROXY: proxy }),
  'setGlobalDispatcher for the fetch of Node': (proxy) => ({ GLOBAL_PROXY: proxy }),
  NODE_USE_ENV_PROXY: (proxy) => ({ NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy })
}

async function startApp (t: Test, env: Record<string, string>): Promise<void> {
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  t.teardown(async () => {
    child.kill('SIGTERM')
    await ended
  })
  await Promise.race([once(child.stdout, 'data'), ended.then(() => { throw new Error('The app ended.') })])
}

interface Scene {
  url: string
  emulator: Emulator
  proxy: ForwardProxy
}

async function startScene (t: Test, settingsFor: (proxy: string) => Record<string, string>): Promise<Scene> {
  const port = await freePort()
  const url = `http://localhost:${port}`
  const redirectUri = `${url}/auth/miro/callback`
  const emulator = await createEmulator({ seed: { app: { redirectUris: [redirectUri] } } })
  t.teardown(() => emulator.close())
  const proxy = await startForwardProxy(t, { outside, target: emulator.url })
  const options = {
    clientId: emulator.app.clientId,
    clientSecret: emulator.app.clientSecret,
    redirectUri,
    cookieSecret: 'a secret of the tests, and of nothing else',
    endpoints: { authorizeUrl: emulator.authorizeUrl, apiUrl: outside }
  }
  await startApp(t, { PORT: String(port), MIRO_OPTIONS: JSON.stringify(options), ...settingsFor(proxy.url) })
  return { url, emulator, proxy }
}

/** The environment counts from Node 24 on. */
const isReadByNode = (name: string): boolean => name !== 'NODE_USE_ENV_PROXY' || Number(process.versions.node.split('.')[0]) >= 24

for (const [name, settingsFor] of Object.entries(settings)) {
  t.test(`behind a proxy, by ${name}: sign-in, REST, refresh and revoke go through it`, async (t) => {
    if (!isReadByNode(name)) {
      console.log('NOTICE: NODE_USE_ENV_PROXY was not tested: it needs Node 24')
      return
    }
    const { url, emulator, proxy } = await startScene(t, settingsFor)
    const visitor = new Visitor()
    t.equal((await visitor.signIn(`${url}/auth/miro/login?returnTo=%2Fboards`)).location?.href, `${url}/boards`)
    t.match(await visitor.json(`${url}/boards`), { total: 8 })
    t.strictSame(await visitor.json(`${url}/create`), { status: 201 })
    emulator.miroClock.advance(hour)
    t.match(await visitor.json(`${url}/boards`), { total: 9 }, 'after a refresh')
    t.equal((await visitor.post(`${url}/auth/miro/disconnect`)).status, 303)
    const asked = emulator.log.map(({ method, path }) => `${method} ${path}`)
    for (const request of ['POST /v1/oauth/token', 'POST /v2/oauth/revoke']) t.ok(asked.includes(request), request)
    t.equal(asked.filter((request) => request === 'POST /v1/oauth/token').length, 2, 'the code and one refresh')
    t.ok(proxy.passed.length > 0)
    t.ok(proxy.passed.every((line) => line.includes(new URL(outside).host)), 'and nothing else')
  })
}

t.test('proxy: with one that is not set, nothing reaches Miro, and the person is told to try again', async (t) => {
  const { url, emulator, proxy } = await startScene(t, () => ({}))
  const answer = await new Visitor().signIn(`${url}/auth/miro/login`)
  t.equal(answer.status, 503)
  t.match(answer.text, 'MIRO_UNAVAILABLE')
  t.strictSame(proxy.passed, [])
  t.notOk(emulator.log.some(({ path }) => path === '/v1/oauth/token'))
})
