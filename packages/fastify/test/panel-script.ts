import { setTimeout as wait } from 'node:timers/promises'
import { createContext, runInContext } from 'node:vm'
import { createPanelFetch as published } from '@miro-oauth/fastify/panel'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { createPanelFetch, type PanelFetch, type PanelFetchOptions } from '../src/browser/panel.js'
import { panelText } from '../src/browser/panel-text.js'
import { fastifyMiro } from '../src/index.js'
import { cookieSecret, redirectUri } from './fixtures/world.js'

const origin = 'https://app.example'

/** The script as the plugin serves it. */
async function serve (t: Test) {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(fastifyMiro, { clientId: '1', clientSecret: 'secret', redirectUri, cookieSecret, panel: true })
  return app.inject('/auth/miro/panel.js')
}

/** A page's own Request takes URLs that are relative to it. */
class PageRequest extends Request {
  constructor (input: string | URL | Request, init?: RequestInit) {
    super(typeof input === 'string' ? new URL(input, origin) : input, init)
  }
}

/** A page of the panel as far as the script needs one, with an app that answers what `answer` says. */
async function openPage (
  t: Test, answer: (request: Request) => Response | Promise<Response>, options: Partial<PanelFetchOptions> = {}
) {
  const sent: Request[] = []
  const listeners = new Set<(event: object) => void>()
  const popup = { closed: false }
  const opened: string[] = []
  const page = { hasFocus: false, blocks: false, tokens: 0 }
  const context = createContext({
    URL,
    AbortSignal,
    atob,
    Request: PageRequest,
    setTimeout: (call: () => void, ms: number) => setTimeout(call, ms / 100),
    fetch: async (request: Request) => { sent.push(request.clone()); return answer(request) },
    location: { href: `${origin}/panel/`, origin },
    document: { hasFocus: () => page.hasFocus },
    open: (url: string) => { opened.push(url); return page.blocks ? null : popup },
    addEventListener: (_type: string, listener: (event: object) => void) => listeners.add(listener),
    removeEventListener: (_type: string, listener: (event: object) => void) => listeners.delete(listener)
  })
  const script = (await serve(t)).body.replace('export', 'globalThis.create =')
  const create = runInContext(script, context) as typeof createPanelFetch
  const helper: PanelFetch = create({ getIdToken: async () => `token-${++page.tokens}`, ...options })
  const tell = (data: object, from: object = {}) => {
    for (const hear of listeners) hear({ origin, source: popup, data, ...from })
  }
  const tokensSent = () => sent.map(({ headers }) => headers.get('authorization'))
  return { ...helper, context, page, popup, sent, opened, listeners, tell, tokensSent }
}

const ok = () => new Response('{}')
const stale = () => new Response('{}', { status: 401, headers: { 'miro-id-token': 'retry' } })
const missing = () => new Response('{}', { status: 401, headers: { 'miro-connect-url': '/auth/miro/connect?team_id=7' } })

t.test('panel script: it is the export of the package as a module without imports, under 2 KB', async (t) => {
  const answer = await serve(t)
  t.equal(answer.headers['content-type'], 'text/javascript; charset=utf-8')
  t.equal(answer.headers['x-content-type-options'], 'nosniff')
  t.match(answer.body, /^export function createPanelFetch\b/)
  t.notMatch(answer.body, /\bimport\b/)
  t.ok(Buffer.byteLength(answer.body) < 2048, `${Buffer.byteLength(answer.body)} bytes`)
})

t.test('panel script: what is served is what the package exports: after a change, node scripts/write-panel-text.mjs', async (t) => {
  t.equal(panelText, `export ${published.toString().replaceAll(/^\s+/gm, '')}\n`)
})

t.test('panel script: each request to the page\'s own origin carries a fresh token, and none to another', async (t) => {
  const { fetch, sent, tokensSent } = await openPage(t, ok)
  await fetch('/panel/boards')
  await fetch('items', { method: 'POST', body: 'x', headers: { 'x-own': '1' } })
  await fetch(new URL('https://api.miro.com/v2/boards'))
  await fetch('https://app.example.evil.example/')
  await fetch('//evil.example/')
  t.same(tokensSent(), ['Bearer token-1', 'Bearer token-2', null, null, null])
  t.equal(sent[1]?.headers.get('x-own'), '1')
  t.equal(await sent[1]?.text(), 'x')
})

t.test('panel script: a request that is refused for its token is repeated once with a fresh one, and never twice', async (t) => {
  const { fetch, sent, tokensSent } = await openPage(t, stale)
  const answer = await fetch('/panel/boards', { method: 'POST', body: 'the body' })
  t.equal(answer.status, 401)
  t.same(tokensSent(), ['Bearer token-1', 'Bearer token-2'])
  t.same(await Promise.all(sent.map((request) => request.text())), ['the body', 'the body'])
})

t.test('panel script: a request that is refused for a missing grant is not repeated', async (t) => {
  const { fetch, sent } = await openPage(t, missing)
  t.equal((await fetch('/panel/boards')).status, 401)
  t.equal(sent.length, 1)
})

t.test('panel script: connect opens the window at once, at the address of the last refusal, and resolves when the grant is there', async (t) => {
  let connected = false
  const { fetch, connect, opened, popup, tell, listeners, sent } = await openPage(t, () => connected ? ok() : missing())
  await fetch('/panel/boards')
  const done = connect()
  t.same(opened, [`${origin}/auth/miro/connect?team_id=7`], 'in the click itself')
  await wait(50)
  t.equal(sent.length, 1, 'while the window is open it does not ask')
  connected = true
  tell({ type: 'miro-connect', code: 'connected' })
  await done
  t.equal(sent.at(-1)?.url, `${origin}/auth/miro/connect/status?team_id=7`)
  t.equal(listeners.size, 0)
  t.equal(popup.closed, false)
})

t.test('panel script: messages of another origin or window say nothing', async (t) => {
  const { connect, tell, popup, sent, page } = await openPage(t, missing)
  const done = connect()
  tell({ type: 'miro-connect', code: 'connected' }, { origin: 'https://evil.example' })
  tell({ type: 'miro-connect', code: 'connected' }, { source: {} })
  tell({ type: 'other', code: 'connected' })
  await wait(50)
  t.equal(sent.length, 0)
  popup.closed = page.hasFocus = true
  await t.rejects(done, { code: 'closed' })
})

for (const [what, code] of [['another team', 'other-team'], ['a failure', 'MIRO_ACCESS_DENIED']] as const) {
  t.test(`panel script: after ${what} the window may still succeed; once it is closed, connect rejects with what it told`, async (t) => {
    let connected = false
    const { connect, tell, popup } = await openPage(t, () => connected ? ok() : missing())
    const first = connect()
    tell({ type: 'miro-connect', code })
    popup.closed = true
    await t.rejects(first, { code })

    popup.closed = false
    const second = connect()
    tell({ type: 'miro-connect', code })
    await wait(30)
    connected = true
    tell({ type: 'miro-connect', code: 'connected' })
    await t.resolves(second)
  })
}

t.test('panel script: a refusal that names no window to connect in is no answer, and is asked again', async (t) => {
  const answers = [new Response('', { status: 503 }), stale(), stale(), ok()]
  const { connect, tell, sent } = await openPage(t, () => answers[sent.length - 1] ?? ok())
  const done = connect()
  tell({ type: 'miro-connect', code: 'connected' })
  await t.resolves(done)
  t.equal(sent.length, 4)
})

t.test('panel script: without a refusal before it, connect asks for the team of the last id token', async (t) => {
  const token = `x.${Buffer.from('{"user":"1","team":3074457358607431473,"x":"?>?>"}').toString('base64url')}.y`
  const { fetch, connect, opened, page } = await openPage(t, ok, { getIdToken: async () => token })
  page.blocks = true
  await fetch('/panel/me')
  await t.rejects(connect(), { code: 'blocked' })
  t.same(opened, [`${origin}/auth/miro/connect?team_id=3074457358607431473`])
})

t.test('panel script: it may take the place of the page\'s own fetch', async (t) => {
  const { fetch, sent, context } = await openPage(t, ok)
  context['fetch'] = fetch
  await fetch('/panel/me')
  t.equal(sent.length, 1)
})

t.test('panel script: a request ends with its signal, though the SDK gives no token', async (t) => {
  const { fetch, sent } = await openPage(t, ok, { getIdToken: () => new Promise(() => {}) })
  const whileWaiting = setInterval(() => {}, 1000)
  await t.rejects(fetch('/panel/me', { signal: AbortSignal.timeout(20) }), { name: 'TimeoutError' })
  clearInterval(whileWaiting)
  await t.rejects(fetch('/panel/me', { signal: AbortSignal.abort() }), { name: 'AbortError' })
  t.equal(sent.length, 0)
})

t.test('panel script: connected as another Miro user than at the board, connect rejects', async (t) => {
  const { connect, tell } = await openPage(t, missing)
  const done = connect()
  tell({ type: 'miro-connect', code: 'connected' })
  await t.rejects(done, { code: 'other-user' })
})

t.test('panel script: a blocked window rejects', async (t) => {
  const { connect, page } = await openPage(t, missing)
  page.blocks = true
  await t.rejects(connect(), { code: 'blocked' })
})

t.test('panel script: a window that was cut off looks closed, so connect asks until the grant is there', async (t) => {
  let connected = false
  const { connect, popup, sent } = await openPage(t, () => connected ? ok() : missing())
  const done = connect()
  popup.closed = true
  // More often than connect would ask if the person were back.
  const end = { isReached: false }
  done.catch(() => { end.isReached = true })
  while (sent.length <= 3 && !end.isReached) await wait(10)
  connected = true
  await t.resolves(done)
})

t.test('panel script: an outage while it asks does not end the wait', async (t) => {
  let outage = true
  const { connect, popup } = await openPage(t, async () => {
    if (outage) throw new TypeError('fetch failed')
    return ok()
  })
  const done = connect()
  popup.closed = true
  await wait(50)
  outage = false
  await t.resolves(done)
})
