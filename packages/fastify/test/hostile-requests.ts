import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import t from 'tap'
import { fuzzArguments } from './fixtures/fuzz/arguments.js'
import { createFuzzWorld, paths } from './fixtures/fuzz/fuzz-world.js'
import { Random } from './fixtures/random.js'
import { brokenRequest, rawAnswer } from './fixtures/raw-requests.js'
import { fastifyMiro } from '../src/index.js'

t.setTimeout(0)
const { runs: callbacks, seed } = fuzzArguments({ runs: 12_500, seed: 1 })
// One for every fifty callbacks of the fuzz by app.inject.
const runs = callbacks / 50

t.test(`requests: ${runs} broken ones over a socket are refused as a client's fault, and leave the server well`, async (t) => {
  t.comment(`repeat it with: npm run prove -- --runs ${callbacks} --seed ${seed}`)
  const random = new Random(seed)
  const { app, standIn } = await createFuzzWorld(t, 'sign-in')
  app.get('/', async () => 'home')
  app.get('/boards', { preHandler: app.miro.requireGrant }, (request) => request.miro.boards.list())
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const statuses = new Map<string, number>()
  for (let sent = 0; sent < runs; sent += 50) {
    const requests = Array.from({ length: 50 }, () => brokenRequest(random))
    const answers = await Promise.all(requests.map((bytes) => rawAnswer(port, bytes)))
    for (const [index, answer] of answers.entries()) {
      const bytes = JSON.stringify(requests[index]?.slice(0, 500))
      if (answer === null) t.fail(`no end: ${bytes}`)
      for (const [, status = ''] of (answer ?? '').matchAll(/^HTTP\/1\.1 (\d{3})/gm)) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        if (Number(status) >= 500) t.fail(`${status}: ${bytes}`)
      }
      if (/^set-cookie: [^=]*_session=[^;]/im.test(answer ?? '')) t.fail(`a session: ${bytes}`)
    }
  }
  t.comment(JSON.stringify([...statuses].sort()))
  t.ok(Number(statuses.get('400')) > runs / 4, 'most were too broken for any route')
  t.ok((statuses.get('303') ?? 0) + (statuses.get('405') ?? 0) > 0, 'some reached ours')
  t.same(standIn.exchanged, [])
  t.match(await rawAnswer(port, 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'), /^HTTP\/1\.1 200 OK/)
})

t.test('routes: neither the content type nor the body changes the answer, or makes the host answer', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.setErrorHandler(async (error, request) => ({ shown: `${String(error)} ${request.url}` }))
  await app.register(fastifyMiro, { clientId: '1', clientSecret: 'x', redirectUri: 'http://localhost:3000/auth/miro/callback', cookieSecret: 'a secret of the tests, and of nothing else' })
  for (const type of ['nothing', '', '/', 'a/b/c', '\u0000', 'application/json', 'text/plain; charset=x', 'multipart/form-data']) {
    const headers = { 'content-type': type, origin: 'http://localhost:3000' }
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'] as const) {
      const answer = await app.inject({ method: method as 'POST', url: `${paths.callback}?code=planted`, headers, payload: '{' })
      t.equal(answer.statusCode, 405, `${method} ${JSON.stringify(type)}`)
      t.equal(answer.headers['cache-control'], 'no-store')
    }
    t.equal((await app.inject({ method: 'POST', url: '/auth/miro/logout', headers, payload: '{' })).statusCode, 204, JSON.stringify(type))
  }
})
