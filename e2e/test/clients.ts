import { createServer, type IncomingHttpHeaders } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createMiroAuth, createMiroClient, type Fetch } from '@miro-oauth/core'
import { fastifyMiro, memoryStore, type ApiFetch } from '@miro-oauth/fastify'
import { signInAs } from '@miro-oauth/fastify/testing'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { Agent, fetch as undiciFetch } from 'undici'
import { axiosClient, kyClient, openapiClient } from './fixtures/other-clients.js'

/** A request to `/v2/boards`, as Miro's API received it. */
interface Received {
  headers: IncomingHttpHeaders
  body: string
}

interface Scene {
  apiUrl: string
  received: Received[]
  /** `request.miro.fetch`, and that of `app.miro.client()`. */
  fetches: Record<'request' | 'client', ApiFetch>
}

const hour = 3_600_000
const ref = { userId: '3458764520000000003', teamId: '3458764530000000003' }
const board = { name: 'Plans, Übersicht, 計画' }
const json = JSON.stringify(board)

/** An API, and an app in front of it. While the API holds the first request, another process refreshes the grant. */
async function startScene (t: Test): Promise<Scene> {
  const received: Received[] = []
  let accessToken = 'access-1'
  const api = createServer(async (request, response) => {
    const body = await text(request)
    response.setHeader('content-type', 'application/json')
    if (request.url === '/v1/oauth/token') {
      accessToken = 'access-2'
      return response.end(JSON.stringify({ access_token: accessToken, refresh_token: 'refresh-2', expires_in: 3599, token_type: 'bearer', scope: '' }))
    }
    received.push({ headers: request.headers, body })
    if (received.length === 1) await otherProcess.accessToken(ref)
    response.statusCode = request.headers.authorization === `Bearer ${accessToken}` ? 201 : 401
    return response.end(response.statusCode === 201 ? body : '{"status":401,"code":"tokenNotProvided"}')
  }).listen(0, '127.0.0.1')
  await once(api, 'listening')
  const apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`

  const shared = { clientId: '1', clientSecret: 'a-secret', store: memoryStore(), endpoints: { apiUrl } }
  const otherProcess = createMiroAuth({ ...shared, clock: { now: () => Date.now() + hour } })
  const app = Fastify()
  let requestFetch: ApiFetch | undefined
  await app.register(fastifyMiro, { ...shared, redirectUri: 'http://localhost:3000/callback', cookieSecret: 'a secret of the tests, and of nothing else' })
  app.get('/', async (request) => {
    requestFetch = request.miro.fetch
    return 'kept'
  })
  t.teardown(async () => {
    await app.close()
    await otherProcess.close()
    api.close()
    api.closeAllConnections()
  })
  const cookies = await signInAs(app, { ...ref, tokens: { accessToken, refreshToken: 'refresh-1', expiresInMs: hour } })
  await app.inject({ url: '/', cookies })
  if (requestFetch === undefined) throw new Error('The request did not arrive.')
  return { apiUrl, received, fetches: { request: requestFetch, client: app.miro.client(ref).fetch } }
}

type Client = (miroFetch: ApiFetch, apiUrl: string) => Promise<{ status: number, data: unknown }>

const clients: Record<string, Client> = {
  async 'openapi-fetch' (miroFetch, apiUrl) {
    const { response, data } = await openapiClient(miroFetch, apiUrl).POST('/v2/boards', { body: board })
    return { status: response.status, data }
  },
  async ky (miroFetch, apiUrl) {
    const response = await kyClient(miroFetch, apiUrl).post('v2/boards', { json: board })
    return { status: response.status, data: await response.json() }
  },
  async 'axios with its fetch adapter' (miroFetch, apiUrl) {
    const { status, data } = await axiosClient(miroFetch, apiUrl).post('/v2/boards', board)
    return { status, data }
  },
  async 'a Request' (miroFetch, apiUrl) {
    const response = await miroFetch(new Request(`${apiUrl}/v2/boards`, { method: 'POST', body: json, headers: { 'content-type': 'application/json' } }))
    return { status: response.status, data: await response.json() }
  },
  async 'a Request of bytes, copied by another Request' (miroFetch, apiUrl) {
    const first = new Request(`${apiUrl}/v2/boards`, { method: 'POST', body: Buffer.from(json), headers: { 'content-type': 'application/json' } })
    const response = await miroFetch(new Request(first, { headers: { ...Object.fromEntries(first.headers), 'x-extra': '1' } }))
    return { status: response.status, data: await response.json() }
  },
  async 'a Request of a Blob, cloned' (miroFetch, apiUrl) {
    const request = new Request(`${apiUrl}/v2/boards`, { method: 'POST', body: new Blob([json], { type: 'application/json' }) })
    const response = await miroFetch(request.clone())
    return { status: response.status, data: await response.json() }
  }
}

for (const [name, post] of Object.entries(clients)) {
  for (const from of ['request', 'client'] as const) {
    t.test(`${name}, with the fetch of the ${from}: a POST goes out with its length, and again after a refresh by another process`, async (t) => {
      const { apiUrl, received, fetches } = await startScene(t)
      t.strictSame(await post(fetches[from], apiUrl), { status: 201, data: board })
      t.strictSame(received.map(({ headers }) => headers.authorization), ['Bearer access-1', 'Bearer access-2'])
      for (const { headers, body } of received) {
        t.equal(body, json)
        t.equal(headers['content-length'], String(Buffer.byteLength(json)))
        t.equal(headers['transfer-encoding'], undefined)
        t.match(headers['content-type'], 'application/json')
      }
    })
  }
}

t.test('option fetch: that of undici, as for a proxy, uploads a file', async (t) => {
  const received: Received[] = []
  const api = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: await text(request) })
    response.end('{"id":"1","type":"image"}')
  }).listen(0, '127.0.0.1')
  await once(api, 'listening')
  t.teardown(() => { api.close(); api.closeAllConnections() })
  const apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
  const dispatcher = new Agent()
  t.teardown(() => dispatcher.close())
  const fetch = ((url: string, init: object) => undiciFetch(url, { ...init, dispatcher })) as unknown as Fetch
  const client = createMiroClient({ accessToken: 'token', endpoints: { apiUrl }, fetch })
  t.match(await client.board('b').images.upload(new File(['pixels'], 'a.png'), { title: 'A' }), { id: '1' })
  t.match(received[0]?.headers, { 'content-type': /^multipart\/form-data; boundary=/, 'content-length': /^\d+$/ })
  t.match(received[0]?.body, /filename="a\.png"[^]*pixels/)
})
