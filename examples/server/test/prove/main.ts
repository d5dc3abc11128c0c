import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect, createServer, type AddressInfo } from 'node:net'
import { startProcess, type Files } from '@miro-oauth/example-shared/testing'
import { freePort, startRedis } from '@miro-oauth/test-servers'
import t from 'tap'
import { startAndEnd } from '../fixtures/start-and-end.js'

const forMiro = {
  MIRO_CLIENT_ID: '3074457345618265000',
  MIRO_CLIENT_SECRET: 'planted-secret',
  MIRO_REDIRECT_URI: 'http://localhost:3000/auth/miro/callback',
  COOKIE_SECRET: 'planted-planted-planted-planted-planted'
}

t.test('main: without variables it starts with the stand-in, and SIGTERM ends it with 0', (t) => startAndEnd(t, 'SIGTERM'))

t.test('main: SIGTERM ends it within seconds, though connections are kept alive', async (t) => {
  const port = await freePort()
  const { child, ended, untilPrinted } = startProcess(t, { PORT: String(port) })
  await untilPrinted(/\n/)
  const agent = new Agent({ keepAlive: true })
  const openedAhead = connect(port, 'localhost').on('error', () => {})
  t.teardown(() => {
    agent.destroy()
    openedAhead.destroy()
  })
  await once(openedAhead, 'connect')
  const [response] = await once(get(`http://localhost:${port}/`, { agent }), 'response') as [IncomingMessage]
  await response.resume().toArray()
  t.equal(response.headers.connection, 'keep-alive')
  child.kill('SIGTERM')
  const tooLate = setTimeout(() => child.kill('SIGKILL'), 10_000)
  t.equal(await ended, 0)
  clearTimeout(tooLate)
})

t.test('main: the Miro app of .env is used, and a variable of the real environment wins over the file', async (t) => {
  const port = await freePort()
  const authorizeUrl = 'http://localhost:9/authorize-here'
  const lines = Object.entries({ ...forMiro, MIRO_AUTHORIZE_URL: authorizeUrl }).map(([name, value]) => `${name}=${value}`)
  const file = `# for Miro\n\n${lines.join('\r\n')}\nPORT=1\n`
  const { child, ended, untilPrinted } = startProcess(t, { PORT: String(port) }, { '.env': file })
  await untilPrinted(new RegExp(`^Listening on localhost:${port}\\. Open http://localhost:3000$`, 'm'))
  const login = await fetch(`http://localhost:${port}/auth/miro/login`, { redirect: 'manual' })
  t.match(login.headers.get('location'), /^http:\/\/localhost:9\/authorize-here\?/)
  child.kill('SIGINT')
  t.equal(await ended, 0)
})

t.test('main: a store with the records of other keys ends the start with one line', async (t) => {
  const redis = await startRedis()
  if (redis === null) return
  t.teardown(() => redis.stop())
  const newKeys = (): string => `k1:${randomBytes(32).toString('base64url')}`
  const first = startProcess(t, { PORT: String(await freePort()), STORE_URL: redis.url, STORE_KEYS: newKeys() })
  await first.untilPrinted(/\n/)
  first.child.kill('SIGTERM')
  t.equal(await first.ended, 0)
  const { ended, output } = startProcess(t, {
    PORT: String(await freePort()),
    STORE_URL: redis.url,
    STORE_KEYS: newKeys()
  })
  t.equal(await ended, 1)
  t.match(output.stderr, /^STORE_KEYS: the store holds records of other keys\. [^\n]*\n$/)
  t.equal(output.stdout, '')
})

t.test('main: a failed start prints one line and ends with 1', async (t) => {
  t.jobs = 4
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => { taken.close() })
  const { port } = taken.address() as AddressInfo
  const keys = `k1:${randomBytes(32).toString('base64url')}`
  // What the variables themselves tell is tested without a process, in example-shared.
  const cases: Array<[environment: Record<string, string>, files: Files, line: string]> = [
    [{ PORT: String(port) }, {}, 'PORT is taken by another program. Stop that one, or set PORT to another number.'],
    [{ STORE_URL: 'redis://:planted@127.0.0.1:9', STORE_KEYS: keys }, {}, 'STORE_URL: the store cannot be used (ECONNREFUSED). Is it running, and is the address right?'],
    [{ HOST: '192.0.2.1' }, {}, 'HOST and PORT: cannot listen there (EADDRNOTAVAIL).'],
    [{}, { '.env': 'MIRO_CLIENT_ID=1\nplanted\nMIRO_CLIENT_SECRET=planted\n' }, '.env: line 2 is not NAME=value.']
  ]
  await Promise.all(cases.map(([environment, files, line], index) => t.test(`${index}: ${line}`, async (t) => {
    const { ended, output } = startProcess(t, environment, files)
    t.equal(await ended, 1)
    t.equal(output.stderr, `${line}\n`)
    t.equal(output.stdout, '')
  })))
})
