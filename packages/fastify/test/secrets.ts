import { inspect } from 'node:util'
import t from 'tap'
import { locationOf } from './fixtures/browser.js'
import { authorize, cookieSecret, createTokenEndpoint, createWorld, signIn, toCallback } from './fixtures/world.js'

/** The ways a secret can be written down. */
function formsOf (secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [secret, encodeURIComponent(secret), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url'), bytes.toString('hex')]
}

t.test('all log output at trace level, over good and bad flows, holds no secret', async (t) => {
  const lines: string[] = []
  const secrets = new Set<string>([cookieSecret])
  const stream = { write: (line: string) => { lines.push(line) } }
  const endpoint = await createTokenEndpoint(t, (_request, response) => {
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"planted-provider-body"}')
  })
  secrets.add('planted-provider-body')
  const world = await createWorld(t, { hooks: { onConnected: () => { throw new Error('hook failed') } } }, { logger: { level: 'trace', stream } })
  const failing = await createWorld(t, { endpoints: { apiUrl: endpoint.url } }, { logger: { level: 'trace', stream } })
  secrets.add(world.emulator.app.clientSecret)

  async function flow (of: typeof world): Promise<void> {
    const person = of.browser()
    const miro = locationOf(await person.go('/auth/miro/login?returnTo=/boards'))
    const callback = await authorize(miro)
    for (const name of ['state', 'code']) secrets.add(String(callback.searchParams.get(name)))
    const path = callback.pathname + callback.search
    for (const method of ['POST', 'PUT', 'HEAD', 'OPTIONS'] as const) await person.send({ method, url: path })
    await person.go(path, { 'sec-purpose': 'prefetch' })
    await of.browser().go(path)
    await person.go(path)
    await person.go(path)
    for (const [name, value] of person.cookies) {
      if (!name.includes('session')) { secrets.add(value); continue }
      secrets.add(value)
      secrets.add(String(value.split('.')[0]))
    }
    const tokenOf = async (): Promise<string> => (await person.call('/token')).json().token
    const first = await tokenOf()
    if (first !== undefined) secrets.add(first)
    of.emulator.clock.advance(3_600_000)
    const second = await tokenOf()
    if (second !== undefined) secrets.add(second)
    of.emulator.miroClock.advance(3_600_000)
    await person.call('/boards')
    const third = await tokenOf()
    if (third !== undefined) secrets.add(third)
    await signIn(person, '/auth/miro/login', { decision: 'decline' })
    await person.go('/auth/miro/callback?code=planted-code&state=planted-state&error=planted-error')
    await person.submit('/auth/miro/disconnect')
    await person.submit('/auth/miro/logout')
  }
  for (const planted of ['planted-code', 'planted-state', 'planted-error']) secrets.add(planted)
  await flow(world)
  await flow(failing)

  const log = lines.join('')
  t.ok(lines.length > 60, 'it logged')
  t.ok(log.includes('/auth/miro/callback'), 'the callback is logged, without its query')
  t.ok(log.includes('"miro":{"type":"refreshed"'), 'events are logged')
  t.ok(secrets.size > 15)
  for (const secret of secrets) for (const form of formsOf(secret)) t.notOk(log.includes(form), `a secret of ${secret.length} characters`)
})

t.test('a callback that outlasts the host\'s own timeout is not logged with its address', async (t) => {
  const lines: string[] = []
  let release: (() => void) | undefined
  const gate = new Promise<void>((resolve) => { release = resolve })
  const endpoint = await createTokenEndpoint(t, (_request, response) => {
    gate.then(() => response.end(JSON.stringify({ access_token: 'a', refresh_token: 'r', user_id: '1', team_id: '2' }))).catch(() => {})
  })
  const world = await createWorld(t, { endpoints: { apiUrl: endpoint.url } }, { handlerTimeout: 1500, logger: { level: 'trace', stream: { write: (line: string) => { lines.push(line) } } } })
  const person = world.browser()
  const callback = await toCallback(person)
  t.equal((await person.go(callback)).statusCode, 503)
  release?.()
  await new Promise((resolve) => setTimeout(resolve, 300))
  t.notOk(lines.join('').includes(String(new URL(callback, 'http://localhost').searchParams.get('code'))))
})

t.test('nothing that can be printed shows a secret', async (t) => {
  const world = await createWorld(t)
  const person = world.browser()
  const shown: unknown[] = []
  world.app.get('/print', async (request) => {
    await request.miro.grant()
    const { token } = { token: await request.miro.accessToken() }
    shown.push(request.miro, world.app.miro)
    return { token }
  })
  await signIn(person)
  const { token } = (await person.call('/print')).json()
  const callback = await toCallback(person)
  shown.push((await world.browser().go(callback)).body)
  const text = shown.map((value) => inspect(value, { depth: 10, showHidden: true }) + JSON.stringify(value)).join('\n')
  for (const secret of [token, world.emulator.app.clientSecret, cookieSecret]) {
    for (const form of formsOf(String(secret))) t.notOk(text.includes(form))
  }
})
