import { subscribe } from 'node:diagnostics_channel'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { createMiroAuth, memoryStore, type MiroClient } from '../src/index.js'
import type { Fetch } from '../src/wire/fetch.js'
import { indirectRows } from './fixtures/hostile-chains.js'
import { directRows, type Places, type Row } from './fixtures/hostile-rows.js'

/** The connections and requests that reached one server. */
interface Received {
  connections: number
  requests: Array<{ path: string, host: string | undefined, authorization: string | undefined, rest: string }>
}

const production = 'https://api.miro.com'
const miro: Received = { connections: 0, requests: [] }
const foreign: Received = { connections: 0, requests: [] }
/** Miro's next answers. */
let answers: string[] = []
/** The addresses that undici, below `fetch`, tried to connect to. */
let attempts: string[] = []
subscribe('undici:client:beforeConnect', (message) => {
  const { connectParams: { protocol, host } } = message as { connectParams: { protocol: string, host: string } }
  attempts.push(`${protocol}//${host}`)
})

async function listen (received: Received, answer: () => string): Promise<string> {
  const server: Server = createServer((request, response) => {
    const { authorization, host, ...rest } = request.headers
    received.requests.push({ path: String(request.url), host, authorization, rest: JSON.stringify(rest) })
    request.resume().on('end', () => {
      const [status = '', location] = answer().split(' ')
      if (/^\d{3}$/.test(status)) response.writeHead(Number(status), location === undefined ? {} : { location }).end()
      else response.writeHead(200, { 'content-type': 'application/json' }).end([status, location].filter(Boolean).join(' '))
    })
  })
  server.on('connection', () => { received.connections++ })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const api = await listen(miro, () => answers.shift() ?? '{}')
const other = await listen(foreign, () => `302 ${api}/back`)
const { port } = new URL(api)

/** A `fetch` whose sockets for Miro's name lead to the first server, and those for any other name to the second. */
const wired: Fetch = (url, init) => {
  const { protocol, host, pathname, search } = new URL(url)
  return fetch((protocol === 'https:' && host === 'api.miro.com' ? api : other) + pathname + search, init)
}

let tokens = 0
async function clientAt (apiUrl: string, fetch: Fetch): Promise<MiroClient> {
  const auth = createMiroAuth({ clientId: '1', clientSecret: 'secret', store: memoryStore(), endpoints: { apiUrl }, fetch })
  t.teardown(() => auth.close())
  await auth.connect({ access_token: `planted-token-${tokens++}`, refresh_token: 'planted-refresh', user_id: '1', team_id: '2' })
  return auth.client({ userId: '1', teamId: '2' })
}

/** The real `fetch`, but a refresh is answered here, since the answers of a row are for the API. */
const refreshing: Fetch = async (url, init) => new URL(url).pathname === '/v1/oauth/token'
  ? new Response(JSON.stringify({ access_token: `planted-token-${tokens++}`, refresh_token: 'planted-refresh-2', expires_in: 3599 }))
  : fetch(url, init)

async function endOf (work: Promise<unknown>): Promise<string | number | null> {
  try {
    const result = await work
    return result instanceof Response ? result.status : null
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return 'code' in error && typeof error.code === 'string' ? error.code : error.name
  }
}

async function run ({ where, answers: given = () => [], act }: Row, places: Places): Promise<string | number | null> {
  const client = where === 'production' ? await clientAt(production, wired) : await clientAt(api, refreshing)
  answers = given(places)
  attempts = []
  Object.assign(miro, { connections: 0, requests: [] })
  Object.assign(foreign, { connections: 0, requests: [] })
  return endOf(act(client, places))
}

/** Everything that a row did against its expectations. */
function wrongs (row: Row, end: string | number | null): string[] {
  const wrong: string[] = []
  if (end !== row.ends) wrong.push(`it ended in ${end}`)
  if (foreign.connections > 0 || foreign.requests.length > 0) wrong.push(`${foreign.connections} sockets to another host`)
  if (attempts.some((attempt) => attempt !== api)) wrong.push(`tried to reach ${attempts.join(', ')}`)
  if (row.asked.length === 0 && (miro.connections > 0 || attempts.length > 0)) wrong.push('a socket was opened')
  const asked = miro.requests.map(({ path }) => path)
  if (JSON.stringify(asked) !== JSON.stringify(row.asked)) wrong.push(`Miro was asked for ${JSON.stringify(asked)}`)
  for (const { path, host, authorization = '', rest } of miro.requests) {
    if (!/^Bearer planted-token-\d+$/.test(authorization)) wrong.push('a request without our token')
    if (host !== `127.0.0.1:${port}`) wrong.push(`asked as ${host}`)
    if ((path + rest).includes('planted')) wrong.push('the token elsewhere than in its header')
  }
  return wrong
}

t.test('hostile targets: the counters notice a socket to any host', async (t) => {
  await fetch(`${other}/x`, { redirect: 'manual' })
  t.equal(foreign.connections, 1)
  t.ok(attempts.includes(other))
  await fetch('http://evil.invalid/').catch(() => {})
  t.ok(attempts.includes('http://evil.invalid'))
})

const rows = [...directRows, ...indirectRows]
t.test(`hostile targets: ${rows.length} attempts to lead a token away end at Miro or without a request`, async (t) => {
  t.equal(new Set(rows.map(({ where, name }) => `${where} ${name}`)).size, rows.length, 'no row has the name of another')
  t.ok(rows.length >= 200)
  for (const row of rows) {
    const places: Places = { api: row.where === 'production' ? production : api, foreign: other, alias: `http://localhost:${port}`, port }
    t.same(wrongs(row, await run(row, places)), [], row.name)
  }
})
