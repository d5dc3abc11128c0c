import type { AddressInfo } from 'node:net'
import type { Emulator } from '@miro-oauth/emulator'
import { throughInject, type Visitor } from '@miro-oauth/example-shared/testing'
import { fastifyMiro, StoreError } from '@miro-oauth/fastify'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { CallToolResultSchema, UrlElicitationRequiredError, type CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { registerMcp } from '../src/mcp.js'
import { authOptions, browserOf, origin, startMiro, userIn } from './fixtures/web.js'

const resourceMetadataUrl = `${origin}/.well-known/oauth-protected-resource/mcp`

interface World {
  app: FastifyInstance
  emulator: Emulator
  /** What the app logged as errors. */
  lines: string[]
  /** What the server answered to MCP clients. */
  answers: string[]
  /** An MCP client of this user. */
  clientOf: (user: string) => Promise<Client>
  browserOf: (user: string) => Visitor
}

async function startApp (t: Test): Promise<World> {
  const emulator = await startMiro(t, '/auth/miro/callback')
  const lines: string[] = []
  const logger = { level: 'error', stream: { write: (line: string) => { lines.push(line) } } }
  const app = Fastify({ forceCloseConnections: true, logger })
  t.teardown(() => app.close())
  await app.register(fastifyMiro, {
    ...authOptions(emulator),
    redirectUri: `${origin}/auth/miro/callback`,
    cookieSecret: 'a secret of the tests, and of nothing else',
    appUserId: ({ headers }) => userIn(headers.cookie)
  })
  const answers: string[] = []
  const recordingFetch = async (url: string | URL, init?: RequestInit): Promise<Response> => {
    const answer = await fetch(url, init)
    answers.push(await answer.clone().text())
    return answer
  }
  // A stand-in for the app's authorization server.
  const userOf = async (accessToken: string): Promise<string | null> => /^token-of-(\w+)$/.exec(accessToken)?.[1] ?? null
  registerMcp(app, { origin, userOf, resourceMetadataUrl })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  return {
    app,
    emulator,
    lines,
    answers,
    async clientOf (user) {
      const headers = { authorization: `Bearer token-of-${user}` }
      const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: { url: {} } } })
      const options = { requestInit: { headers }, fetch: recordingFetch }
      await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`), options))
      t.teardown(() => client.close())
      return client
    },
    browserOf: (user) => browserOf(user, throughInject(app))
  }
}

async function call (client: Client, name: string, args: Record<string, unknown> = {}): Promise<CallToolResult> {
  return CallToolResultSchema.parse(await client.callTool({ name, arguments: args }))
}

/** The error by which a call has its user open a URL; `null`: it does not. */
async function elicitation (client: Client): Promise<UrlElicitationRequiredError | null> {
  const error: unknown = await call(client, 'list_boards').then(() => null, (error: unknown) => error)
  return error instanceof UrlElicitationRequiredError ? error : null
}

/** The URL that a call has its user open; `null`: it asks for none. */
async function urlToOpen (client: Client): Promise<string | null> {
  return (await elicitation(client))?.elicitations[0]?.url ?? null
}

t.test('mcp: a user without a grant is sent to the login by URL elicitation, and the tools act for them after it', async (t) => {
  const { app, emulator, answers, clientOf, browserOf } = await startApp(t)
  const [ada, grace] = [await clientOf('ada'), await clientOf('grace')]
  t.match((await ada.listTools()).tools.map(({ name }) => name), ['list_boards', 'add_note'])
  const error = await elicitation(ada)
  t.match(error, { code: -32042, elicitations: [{ mode: 'url', elicitationId: /^[\w-]{36}$/, message: /Connect/ }] })
  const url = String(error?.elicitations[0]?.url)
  t.match(url, new RegExp(`^${origin}/auth/miro/login`))
  t.match(error?.message, url, 'for a client that knows no elicitation')
  const browser = browserOf('ada')
  const callback = await emulator.authorize(await browser.goToMiro(url), emulator.person('Ada Lovelace'))
  const end = await browser.get(callback)
  t.match(end, { status: 303, location: `${origin}/mcp/connected` })
  t.match(await browser.get('/mcp/connected'), { status: 200, body: /connected/ })
  const boards = await call(ada, 'list_boards')
  t.match(boards.content, [{ type: 'text', text: /Onboarding journey/ }])
  const [{ id: boardId } = { id: '' }] = (await (await app.miro.clientsOf('ada'))[0]?.client.boards.list())?.data ?? []
  t.match((await call(ada, 'add_note', { boardId, text: 'from a tool' })).content, [{ text: /from a tool/ }])
  t.equal(await urlToOpen(grace), url, 'another user has none of it')
  const tokens = await Promise.all((await app.miro.clientsOf('ada')).map(({ client }) => client.accessToken()))
  t.equal(tokens.length, 1)
  t.ok(answers.length > 4)
  t.notOk(tokens.some((token) => answers.join().includes(token)), 'no token passes through MCP')
})

t.test('mcp: the URL of one user, opened by another, connects nothing for the first', async (t) => {
  const { app, emulator, clientOf, browserOf } = await startApp(t)
  const mallory = await clientOf('mallory')
  const url = String(await urlToOpen(mallory))
  const ada = browserOf('ada')
  const page = await ada.goToMiro(url)
  const callback = await emulator.authorize(page, emulator.person('Ada Lovelace'))
  t.match(await browserOf('mallory').get(callback), { status: 400 }, 'nor does the callback in the browser of the first')
  t.match(await ada.get(callback), { status: 303 })
  t.same(await app.miro.auth.grants('mallory'), [])
  t.equal(await urlToOpen(mallory), url)
})

t.test('mcp: a grant that ended is asked for again; other failures are results with a fixed text', async (t) => {
  const { app, emulator, clientOf, browserOf } = await startApp(t)
  const [ada, browser] = [await clientOf('ada'), browserOf('ada')]
  const connect = async (): Promise<unknown> => {
    return browser.get(await emulator.authorize(await browser.goToMiro(), emulator.person('Ada Lovelace')))
  }
  await connect()
  const missing = await call(ada, 'add_note', { boardId: 'none', text: 'x' })
  t.match(missing, { isError: true, content: [{ text: /^Miro's API answered 404/ }] })
  t.match(await call(ada, 'add_note', { boardId: '', text: 'x' }), { isError: true })
  emulator.set({ refusals: 'rfc' })
  emulator.clock.advance(3_600_000)
  emulator.faults.add({ do: 'refuse', on: 'token' })
  t.type(await urlToOpen(ada), 'string', 'at the call that finds it refused')
  t.type(await urlToOpen(ada), 'string', 'and after that')
  await connect()
  t.equal(await urlToOpen(ada), null)
  for (const grant of await app.miro.auth.grants('ada')) await app.miro.auth.disconnect(grant)
  t.type(await urlToOpen(ada), 'string', 'after a disconnect')
})

t.test('mcp: a tool that fails says no more than a fixed text, and the log says why', async (t) => {
  const { app, lines, clientOf } = await startApp(t)
  const ada = await clientOf('ada')
  for (const [thrown, told] of [[new Error('planted'), 'The tool failed.'], [new StoreError(new Error('planted')), /^The store failed/]] as const) {
    app.miro.clientsOf = async () => { throw thrown }
    const failed = await call(ada, 'list_boards')
    t.match(failed, { isError: true, content: [{ type: 'text', text: told }] })
    t.notMatch(JSON.stringify(failed), 'planted')
  }
  t.equal(lines.filter((line) => line.includes('planted') && line.includes('a tool failed')).length, 2)
})

t.test('mcp: a request without an access token of the app is told where to get one', async (t) => {
  const { app } = await startApp(t)
  const where = `resource_metadata="${resourceMetadataUrl}"`
  for (const [challenge, sent] of [
    [`Bearer ${where}`, ['', 'Bearer', 'Basic token-of-ada']],
    [`Bearer error="invalid_token", ${where}`, ['Bearer other', 'bearer  other', 'Bearer token-of-ada x', 'Bearer é', 'Bearer ="']]
  ] as const) {
    for (const authorization of sent) {
      const answer = await app.inject({ method: 'POST', url: '/mcp', payload: {}, headers: { cookie: 'session=ada', ...authorization !== '' && { authorization } } })
      t.match(answer, { statusCode: 401, headers: { 'www-authenticate': challenge } }, authorization)
    }
  }
  for (const method of ['GET', 'DELETE'] as const) t.match(await app.inject({ method, url: '/mcp' }), { statusCode: 405, headers: { allow: 'POST' } })
})

t.test('mcp: a page of another site is refused by its Origin, before its body is read', async (t) => {
  const { app } = await startApp(t)
  const send = (method: 'POST' | 'GET', headers: Record<string, string>) => app.inject({
    method,
    url: '/mcp',
    headers: { authorization: 'Bearer token-of-ada', accept: 'application/json, text/event-stream', 'content-type': 'application/json', ...headers },
    ...method === 'POST' && { payload: '{' }
  })
  for (const method of ['POST', 'GET'] as const) {
    for (const sender of ['https://other.example', 'null', `${origin}.other.example`]) {
      t.match(await send(method, { origin: sender }), { statusCode: 403, body: '' }, `${method} ${sender}`)
    }
  }
  t.match(await send('POST', { origin }), { statusCode: 400 }, 'one of the app, with what is no JSON')
})
