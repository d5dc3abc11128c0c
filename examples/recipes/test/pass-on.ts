import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { fastifyMiro } from '@miro-oauth/fastify'
import { signInAs } from '@miro-oauth/fastify/testing'
import Fastify from 'fastify'
import t from 'tap'
import { passOn } from '../src/pass-on.js'

const json = '{"name":"Plans"}'

/** Miro's answers by path: plain, packed, a refusal, and none at all. */
const answers: Record<string, { status: number, body: string | Buffer, headers: Record<string, string> }> = {
  '/v2/plain': { status: 201, body: json, headers: { 'content-type': 'application/json' } },
  '/v2/packed': { status: 200, body: gzipSync(json), headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', 'set-cookie': 'miro=1' } },
  '/v2/refused': { status: 404, body: gzipSync(json), headers: { 'content-type': 'application/json; charset=utf-8', 'content-encoding': 'gzip' } },
  '/v2/empty': { status: 204, body: '', headers: {} }
}

t.test('pass on: a handler that returns what request.miro.fetch answered passes on status and body', async (t) => {
  const asked: string[] = []
  const api = createServer((request, response) => {
    asked.push(request.url ?? '')
    const { status, body, headers } = answers[request.url ?? ''] ?? { status: 500, body: '', headers: {} }
    response.writeHead(status, headers).end(body)
  }).listen(0, '127.0.0.1')
  await once(api, 'listening')
  const app = Fastify()
  await app.register(fastifyMiro, {
    clientId: '1',
    clientSecret: 'a-secret',
    redirectUri: 'http://localhost:3000/callback',
    cookieSecret: 'a secret of the tests, and of nothing else',
    endpoints: { apiUrl: `http://127.0.0.1:${(api.address() as AddressInfo).port}` }
  })
  passOn(app)
  t.teardown(async () => {
    await app.close()
    api.close()
    api.closeAllConnections()
  })
  const cookies = await signInAs(app, { userId: '1', teamId: '2' })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ')
  for (const [path, { status }] of Object.entries(answers)) {
    const response = await fetch(url + path, { headers: { cookie } })
    t.equal(response.status, status, path)
    t.equal(await response.text(), status === 204 ? '' : json, path)
    t.notOk(response.headers.has('content-encoding'))
    t.notOk(response.headers.has('set-cookie'), 'and no cookie of Miro\'s')
  }
  // As clients send it that do not resolve an address.
  for (const path of ['/v2/../v1/oauth-token', '/v2/%2e%2e/v1/oauth-token', '/v2/..\\v1/oauth-token']) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`)
    t.match(await text(socket), /^HTTP\/1.1 404 /, path)
  }
  t.same(asked, Object.keys(answers))
})
