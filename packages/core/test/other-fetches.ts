import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { runInNewContext } from 'node:vm'
import t, { type Test } from 'tap'
import { createMiroAuth, createMiroClient, memoryStore, type Fetch, type MiroClient } from '../src/index.js'
import { neverSent } from '../src/wire/never-sent.js'
import { errorCodeOf } from '../src/wire/error-code.js'
import { redactError } from '../src/wire/redact-error.js'
import { errorOf } from './fixtures/stand-in.js'

/** A client whose fetch is another package's. */
function clientOf (answer: (url: string, init: RequestInit) => unknown, api = {}): MiroClient {
  return createMiroClient({ accessToken: 'token', fetch: answer as Fetch, api })
}

/** A form as another package has it: no global FormData, though it gives the same. */
class ForeignForm {
  readonly [Symbol.toStringTag] = 'FormData'
  readonly #entries: Array<[string, unknown]>
  constructor (...entries: Array<[string, unknown]>) { this.#entries = entries }
  [Symbol.iterator] (): Iterator<[string, unknown]> { return this.#entries.values() }
}

const headers = new Map([['content-type', 'application/json']])
const board = '{"id":"b","name":"Übersicht"}'

t.test('option fetch: answers of other classes are read:', async (t) => {
  const answers: Record<string, () => unknown> = {
    'node-fetch, whose body is a stream of Node': () => ({ status: 200, statusText: 'OK', headers, body: Readable.from([Buffer.from(board)]) }),
    'a stream of texts': () => ({ status: 200, headers, body: Readable.from([board.slice(0, 9), board.slice(9)]) }),
    'a stand-in with a text': () => ({ status: 200, headers: new Headers(), text: async () => board }),
    'a Response of the platform': () => new Response(board)
  }
  for (const [name, answer] of Object.entries(answers)) {
    t.strictSame(await clientOf(answer).boards.get('b'), JSON.parse(board), name)
    t.strictSame(await clientOf(async () => answer()).json('/v2/boards/b'), JSON.parse(board), name)
  }
  const response = new Response(board)
  t.equal(await clientOf(() => response).fetch('/v2/boards/b'), response, 'a Response is returned as it is')
  for (const status of [204, 205, 304]) t.equal((await clientOf(() => ({ status, headers, body: Readable.from([]) })).fetch('/')).status, status)
  const long = () => ({ status: 200, headers, body: Readable.from([Buffer.alloc(9)]) })
  t.match(await errorOf(clientOf(long, { responseBytes: 8 }).json('/')), { code: 'MIRO_BAD_RESPONSE' })
})

t.test('option fetch: the body of an answer that is not wanted is ended, whether or not it was begun', async (t) => {
  const bodies: Readable[] = []
  const { fetch } = clientOf((url) => {
    const body = Readable.from([Buffer.from('a'), Buffer.from('b')])
    bodies.push(body)
    return url.endsWith('/old') ? { status: 307, headers: new Map([['location', '/new']]), body } : { status: 200, headers, body }
  })
  const { body } = await fetch('/old')
  const reader = body?.getReader()
  await reader?.read()
  await reader?.cancel()
  await delay(1)
  t.strictSame(bodies.map(({ destroyed }) => destroyed), [true, true])
})

t.test('option fetch: a refresh whose answer has a stream of Node keeps the rotated pair', async (t) => {
  let now = Date.now()
  const auth = createMiroAuth({
    clock: { now: () => now },
    clientId: '1',
    clientSecret: 'secret',
    store: memoryStore(),
    fetch: (async () => ({ status: 200, headers, body: Readable.from([Buffer.from('{"access_token":"second","refresh_token":"r2","expires_in":3600,"token_type":"bearer","scope":""}')]) })) as unknown as Fetch
  })
  t.teardown(() => auth.close())
  const { grant } = await auth.connect('{"access_token":"first","refresh_token":"r1","expires_in":60,"user_id":"1","team_id":"2","scope":"","token_type":"bearer"}')
  now += 60_000
  t.equal(await auth.accessToken(grant), 'second')
})

t.test('option fetch: what returns no Response is MIRO_CONFIG', async (t) => {
  const wrong = [undefined, null, 'text', {}, { status: 200 }, { status: 0, headers, body: null }, { status: 200, headers: { get: () => null }, body: null }, { ok: true, status: 200, headers, json: async () => ({}) }]
  for (const answer of wrong) {
    const client = clientOf(() => answer)
    t.match(await errorOf(client.boards.list()), { code: 'MIRO_CONFIG', message: /option fetch/ })
    t.match(await errorOf(client.fetch('/v2/boards')), { code: 'MIRO_CONFIG' })
  }
})

t.test('adopt: MIRO_UNAVAILABLE says by its cause what Miro or the option fetch did', async (t) => {
  const tokens = { accessToken: 'a', refreshToken: 'b', expiresAt: Date.now() + 60_000 }
  const causes: Array<[answer: () => unknown, cause: object]> = [
    [() => undefined, { message: 'The request to Miro failed with MIRO_CONFIG.', code: 'MIRO_CONFIG' }],
    [() => { throw new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }) }) }, { code: 'ECONNRESET' }],
    [() => new Response('', { status: 503 }), { message: 'Miro answered with HTTP 503.' }]
  ]
  for (const [answer, cause] of causes) {
    const auth = createMiroAuth({ clientId: '1', clientSecret: 'secret', store: memoryStore(), fetch: answer as Fetch })
    t.match(await errorOf(auth.adopt(tokens)), { code: 'MIRO_UNAVAILABLE', cause })
    await auth.close()
  }
})

t.test('option fetch: an error that it throws at once is redacted like a rejection', async (t) => {
  const error = Object.assign(new Error('refused'), { request: { authorization: 'Bearer token' } })
  const thrown = await errorOf(clientOf(() => { throw error }).fetch('/v2/boards'))
  t.match(thrown, { message: 'refused' })
  t.notOk('request' in (thrown as object))
})

async function sentBy (t: Test, body: unknown, init: RequestInit = {}): Promise<FormData> {
  let sent: RequestInit = {}
  const client = clientOf((_url, given) => {
    sent = given
    return new Response('{}')
  })
  await client.fetch('/v2/boards/b/images', { method: 'POST', body: body as FormData, ...init })
  t.ok(sent.body instanceof Uint8Array)
  t.notOk('duplex' in sent)
  return new Response(sent.body ?? null, { headers: sent.headers ?? {} }).formData()
}

t.test('forms: they go out as bytes with their boundary, which the fetch of every package sends', async (t) => {
  const form = new FormData()
  form.append('a', 'Ü')
  form.append('file', new File(['x'], 'x.png', { type: 'image/png' }))
  const foreign = new ForeignForm(['a', 'Ü'], ['file', new File(['x'], 'x.png', { type: 'image/png' })])
  for (const body of [form, foreign]) {
    const sent = await sentBy(t, body)
    t.equal(sent.get('a'), 'Ü')
    const file = sent.get('file') as File
    t.strictSame([file.name, file.type, await file.text()], ['x.png', 'image/png', 'x'])
  }
  let type: string | null = null
  const client = clientOf((_url, { headers }) => {
    type = new Headers(headers).get('content-type')
    return new Response('{}')
  })
  await client.json('/v2/x', { method: 'POST', body: foreign })
  t.match(type, /^multipart\/form-data; ?boundary=/)
  await client.fetch('/v2/x', { method: 'POST', body: form, headers: { 'content-type': 'x/y' } })
  t.equal(type, 'x/y', 'a type of the caller stays')
  t.match(await errorOf(client.json('/v2/x', { method: 'POST', body: new ForeignForm(['file', {}]) })), { code: 'MIRO_CONFIG' })
})

t.test('forms: one of another package is sent again after a 401', async (t) => {
  const { createApiFetch } = await import('../src/rest/api-fetch.js')
  const sent: RequestInit[] = []
  const fetch = createApiFetch({
    apiUrl: 'https://api.miro.com',
    limits: { requestBytes: 1 },
    tokens: { accessToken: async () => 'a', replacementFor: async () => 'b', ref: async () => ({ userId: '1', teamId: '2' }) },
    fetch: async (_url, init) => new Response('{}', { status: sent.push(init) === 1 ? 401 : 200 })
  })
  t.equal((await fetch('/v2/x', { method: 'POST', body: new ForeignForm() as unknown as FormData })).status, 200)
  t.equal(sent.length, 2)
})

t.test('json: what JSON would write as {} is MIRO_CONFIG', async (t) => {
  const client = clientOf(() => new Response('{}'))
  const combinedStream = { pipe: () => {} }
  for (const body of [new Map([['a', 1]]), new Set([1]), Promise.resolve({ name: 'x' }), new Headers({ a: 'b' }), new Request('http://x.example'), combinedStream]) {
    t.match(await errorOf(client.json('/v2/x', { method: 'POST', body })), { code: 'MIRO_CONFIG' })
  }
  class Changes { name?: string }
  for (const body of [{}, Object.create(null), new Changes(), new Date(0), runInNewContext('({})')]) await client.json('/v2/x', { method: 'POST', body })
})

t.test('errors: one of another realm, as under Jest, tells as much as one of this', async (t) => {
  const make = (code: string): unknown => runInNewContext(`
    const far = new AggregateError([Object.assign(new Error('x'), { code: '${code}' })])
    new TypeError('fetch failed', { cause: far })`)
  t.equal(neverSent(make('ECONNREFUSED')), true)
  t.equal(neverSent(make('ECONNRESET')), false)
  t.equal(errorCodeOf(make('ECONNRESET')), 'ECONNRESET')
  const error = runInNewContext('new TypeError("fetch failed")')
  t.equal(redactError(error), error)
})

function streamOf (chunks: AsyncIterable<unknown>): ReadableStream {
  return ReadableStream.from(chunks)
}

async function * dripping (state: { ended?: boolean }): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      await delay(5)
      yield Buffer.from('a')
    }
  } finally {
    state.ended = true
  }
}

const address = 'https://api.miro.com/v2/boards'

/** A Request whose body is a stream; the platform's types do not know `duplex`. */
function requestOf (body: ReadableStream, init: RequestInit = {}): Request {
  return new Request(address, { method: 'POST', body, ...init, duplex: 'half' } as RequestInit)
}

t.test('Request: one whose body was read, in whole or in part, is refused, and nothing is sent', async (t) => {
  let sent = 0
  const { fetch } = clientOf(() => new Response(String(++sent)))
  const whole = new Request(address, { method: 'POST', body: 'abc' })
  t.equal((await fetch(whole)).status, 200)
  const locked = new Request(address, { method: 'POST', body: 'abc' })
  locked.body?.getReader()
  async function * parts (): AsyncGenerator<Uint8Array> { yield Buffer.from('a'); yield Buffer.from('b') }
  const begun = requestOf(streamOf(parts()))
  const reader = begun.body?.getReader()
  await reader?.read()
  reader?.releaseLock()
  for (const request of [whole, locked, begun]) {
    t.match(await errorOf(fetch(request)), { name: 'TypeError', message: 'fetch failed: the body of this Request was read already; send a clone of it' })
    t.equal((await fetch(request, { body: 'other' })).status, 200, 'with another body it can be sent')
  }
  t.equal(sent, 4)
})

t.test('Request: its signal ends the reading of its body, and the body is cancelled', async (t) => {
  const { fetch } = clientOf(() => new Response('{}'))
  const state: { ended?: boolean } = {}
  const controller = new AbortController()
  const reason = new Error('mine')
  const request = requestOf(streamOf(dripping(state)), { signal: controller.signal })
  setTimeout(() => controller.abort(reason), 30)
  t.equal(await errorOf(fetch(request)), reason)
  await delay(20)
  t.equal(state.ended, true)
  const second = new AbortController()
  setTimeout(() => second.abort(reason), 30)
  t.equal(await errorOf(fetch(requestOf(streamOf(dripping({}))), { signal: second.signal })), reason)
  const unread = new Request(address, { method: 'POST', body: 'a', signal: controller.signal })
  t.equal(await errorOf(fetch(unread)), reason)
  t.equal(unread.bodyUsed, false, 'one that was aborted before is not read')
})

t.test('Request: the body of another package\'s is a stream of Node, which is sent with its length', async (t) => {
  let sent: unknown
  const { fetch } = clientOf((_url, { body }) => {
    sent = body
    return new Response('{}')
  })
  const request = { url: address, method: 'POST', headers: new Headers(), body: Readable.from([Buffer.from('a'), Buffer.from('b')]), bodyUsed: false }
  await fetch(request as unknown as Request)
  t.equal(Buffer.from(sent as Uint8Array).toString(), 'ab')
  t.match(await errorOf(fetch({ ...request, body: Readable.from(['text']) } as unknown as Request)), { name: 'TypeError', message: 'fetch failed: the body of a Request must give bytes' })
  const failing = async function * (): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a')
    throw new Error('disk')
  }
  t.match(await errorOf(fetch(requestOf(streamOf(failing())))), { message: 'disk' })
})
