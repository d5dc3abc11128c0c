import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { fastifyMiro, type FastifyMiroEvent } from '../src/index.js'
import { cookieSecret, createWorld, redirectUri, signIn } from './fixtures/world.js'

const own = 'http://localhost:3000'
const refused: Array<Record<string, string>> = [
  { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'cross-site', origin: own },
  { 'sec-fetch-site': 'same-site', origin: 'http://other.localhost:3000' }, { origin: 'http://localhost:3001' },
  { origin: 'null' }, { origin: 'https://localhost:3000' }, { 'sec-fetch-site': 'none', origin: 'https://evil.example' }, { 'sec-fetch-site': 'planted' }, { origin: '' }
]
const served: Array<Record<string, string>> = [
  {}, { 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'same-origin', origin: own }, { origin: own },
  { 'sec-fetch-site': 'none' }, { 'sec-fetch-site': 'same-site', origin: 'https://panel.example' }, { origin: 'https://panel.example' }
]

t.test('guard: a POST that a page of another site sends is refused, and one without a browser is served', async (t) => {
  const events: FastifyMiroEvent[] = []
  const { app, browser, emulator } = await createWorld(t, {
    returnToOrigins: ['https://panel.example'], onEvent: (event) => { events.push(event) }
  })
  for (const method of ['PUT', 'PATCH', 'DELETE'] as const) app.route({ method, url: '/boards', preHandler: app.miro.requireGrant, handler: async () => 'done' })
  const person = browser()
  await signIn(person)
  const boards = emulator.log.length
  for (const headers of refused) {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      const answer = await person.send({ method, url: '/boards', headers })
      t.equal(answer.statusCode, 403, `${method} ${JSON.stringify(headers)}`)
      t.equal(answer.json().code, 'MIRO_CROSS_SITE')
    }
    t.equal((await person.send({ url: '/boards', headers })).statusCode, 200, 'a GET changes nothing')
    t.equal((await person.send({ url: '/boards', headers: { ...headers, upgrade: 'websocket', connection: 'upgrade' } })).statusCode, 403, 'but a socket is open to every origin')
  }
  t.equal(emulator.log.slice(boards).filter(({ method }) => method === 'POST').length, 0, 'no board was made')
  t.match(events.find(({ type }) => type === 'cross_site_refused'), { route: null, requestId: /^req-/ })
  for (const headers of served) {
    t.equal((await person.send({ method: 'POST', url: '/boards', headers })).statusCode, 200, JSON.stringify(headers))
  }
})

t.test('guard: with connect mode the host\'s own cookie does not let another site in', async (t) => {
  const { app, browser } = await createWorld(t, { appUserId: () => 'ann' })
  const person = browser()
  await signIn(person)
  t.equal((await person.send({ method: 'POST', url: '/boards', headers: { 'sec-fetch-site': 'same-site' } })).statusCode, 403)
  t.equal((await app.inject({ method: 'POST', url: '/boards' })).statusCode, 200)
})

t.test('guard: a refusal that it answers itself is in the log with its code', async (t) => {
  const lines: string[] = []
  const logger = { level: 'info', stream: { write: (line: string) => { lines.push(line) } } }
  const { browser } = await createWorld(t, {}, { logger })
  await browser().go('/boards')
  await browser().call('/boards')
  t.equal(lines.filter((line) => line.includes('"code":"MIRO_NOT_CONNECTED","msg":"miro guard refused a request"')).length, 2)
})

t.test('requireSameOrigin: it protects routes without the guard, as a hook of one route or of a scope', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(fastifyMiro, { clientId: '1', clientSecret: 'a-secret', redirectUri, cookieSecret })
  app.post('/profile', { preHandler: app.miro.requireSameOrigin }, async () => 'changed')
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.miro.requireSameOrigin)
    scope.post('/settings', async () => 'changed')
    scope.get('/settings', async () => 'shown')
  })
  for (const url of ['/profile', '/settings']) {
    for (const headers of refused) t.equal((await app.inject({ method: 'POST', url, headers })).statusCode, 403)
    t.equal((await app.inject({ method: 'POST', url, headers: { 'sec-fetch-site': 'same-origin' } })).body, 'changed')
    t.equal((await app.inject({ method: 'POST', url })).body, 'changed')
  }
  t.equal((await app.inject({ url: '/settings', headers: { 'sec-fetch-site': 'cross-site' } })).body, 'shown')
})

/** Sends the head of a POST and a part of its body over a socket, and reads the answer until the connection ends. */
async function postInPart (app: FastifyInstance, path: string, { headers, sent }: {
  headers: string[]
  sent: number
}): Promise<{ status: number, ended: boolean }> {
  const { port } = app.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  socket.on('error', () => {})
  let answer = ''
  socket.on('data', (text: string) => { answer += text })
  socket.write([`POST ${path} HTTP/1.1`, 'Host: localhost:3000', ...headers, '', ''].join('\r\n'))
  if (sent > 0) socket.write(Buffer.alloc(sent, 'a'))
  const ended = await Promise.race([once(socket, 'close').then(() => true), new Promise<false>((resolve) => setTimeout(resolve, 10_000, false))])
  socket.destroy()
  return { status: Number(answer.slice(9, 12)), ended }
}

for (const [path, signedOut] of [['/auth/miro/logout', 204], ['/auth/miro/disconnect', 401]] as const) {
  t.test(`POST ${path}: a body that is not to be read is not waited for, and the connection ends`, async (t) => {
    const { app } = await createWorld(t)
    await app.listen({ port: 0, host: '127.0.0.1' })
    const form = 'Content-Type: application/x-www-form-urlencoded'
    const strange = ['Sec-Fetch-Site: cross-site', form]
    t.same(await postInPart(app, path, { headers: [...strange, 'Content-Length: 1000000000'], sent: 10 }), { status: 403, ended: true }, 'a stranger\'s gigabyte')
    const ours = ['Sec-Fetch-Site: same-origin', form]
    t.same(await postInPart(app, path, { headers: [...ours, 'Content-Length: 1000000000'], sent: 10 }), { status: signedOut, ended: true }, 'a gigabyte of our own page')
    const chunked = [...ours, 'Transfer-Encoding: chunked', '', `${(1e8).toString(16)}`]
    t.same(await postInPart(app, path, { headers: chunked, sent: 100_000 }), { status: signedOut, ended: true }, 'a body without a declared length')
  })
}

t.test('headers: every answer of ours has them, the guard\'s too, and a helmet of the host changes none', async (t) => {
  const { app, browser } = await createWorld(t)
  app.addHook('onRequest', async (_request, reply) => { reply.raw.setHeader('content-security-policy', 'script-src *') })
  const person = browser()
  const answers = {
    login: await person.go('/auth/miro/login'),
    'login by a script': await person.call('/auth/miro/login'),
    'a page of a failure': await person.go('/auth/miro/callback?state=a&code=b'),
    'JSON of a failure': await person.call('/auth/miro/callback?state=a&code=b'),
    logout: await person.submit('/auth/miro/logout'),
    'disconnect without a grant': await person.submit('/auth/miro/disconnect'),
    'a POST of another site': await person.submit('/auth/miro/logout', { 'sec-fetch-site': 'cross-site' }),
    'another method': await app.inject({ method: 'PUT', url: '/auth/miro/login' }),
    'a prefetch': await person.go('/auth/miro/login', { 'sec-purpose': 'prefetch' }),
    'the guard to a page': await person.go('/boards'),
    'the guard to a script': await person.call('/boards')
  }
  for (const [name, { headers }] of Object.entries(answers)) {
    t.match(headers, {
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': /^default-src 'none';.*frame-ancestors 'none'$/
    }, name)
  }
  t.equal(answers['a page of a failure'].headers['cross-origin-opener-policy'], 'same-origin')
})
