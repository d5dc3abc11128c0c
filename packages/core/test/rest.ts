import { getEventListeners } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { inspect } from 'node:util'
import t from 'tap'
import {
  ApiError, BadResponseError, ConfigError, ForeignOriginError, MiroError, NotConnectedError, ReauthorizeError,
  UnavailableError
} from '../src/errors.js'
import { createMiroAuth } from '../src/create-miro-auth.js'
import { toClock } from '../src/clock.js'
import { requireUrl } from '../src/option-checks.js'
import { defaultApiLimits } from '../src/rest/api-limits.js'
import { toSettings, type MiroAuthOptions } from '../src/options.js'
import { createApiFetch, type ApiFetch } from '../src/rest/api-fetch.js'
import { createClient, type MiroClient } from '../src/rest/client.js'
import { parseTokenContext } from '../src/rest/token-context.js'
import { LazyTokens, type TokenSource } from '../src/rest/token-source.js'
import { memoryStore } from '../src/store/memory-store.js'
import type { Fetch } from '../src/wire/fetch.js'

const now = 1_800_000_000_000
const api = 'https://api.miro.com'

interface Sent {
  url: string
  method: string
  headers: Headers
  body: unknown
  init: RequestInit
}

interface Miro {
  fetch: Fetch
  sent: Sent[]
}

/** A Miro that gives one of these answers per request, and the last one to all further requests. */
function miroOf (...answers: Array<(sent: Sent) => Response | Promise<Response>>): Miro {
  const sent: Sent[] = []
  return {
    sent,
    async fetch (url, init) {
      const request = { url, method: init.method ?? 'GET', headers: new Headers(init.headers), body: init.body ?? null, init }
      sent.push(request)
      const answer = answers[Math.min(sent.length, answers.length) - 1]
      return await answer?.(request) ?? new Response('{}')
    }
  }
}

const ok = (): Response => new Response('{}')
const refused = (): Response => new Response('{"status":401,"code":"tokenNotProvided"}', { status: 401 })
const to = (location: string, status = 307) => (): Response => new Response(null, { status, headers: { location } })
const json = (value: unknown, init: ResponseInit = {}) => (): Response => new Response(JSON.stringify(value), init)

/** A source that gives `token-1`, and `token-2` as its replacement. */
function tokensOf (replacement: string | null = 'token-2'): TokenSource & { asked: string[], signals: Array<AbortSignal | undefined> } {
  const asked: string[] = []
  const signals: Array<AbortSignal | undefined> = []
  return {
    asked,
    signals,
    ref: async () => ({ userId: '1', teamId: '2' }),
    async accessToken (signal) {
      asked.push('token')
      signals.push(signal)
      return 'token-1'
    },
    async replacementFor (accessToken, signal) {
      asked.push(`replacement for ${accessToken}`)
      signals.push(signal)
      return replacement
    }
  }
}

function fetchOf (miro: Miro, tokens: TokenSource = tokensOf(), apiUrl = api): ApiFetch {
  return createApiFetch({ apiUrl, fetch: miro.fetch, tokens, limits: defaultApiLimits })
}

function clientOf (miro: Miro, tokens: TokenSource = tokensOf()): MiroClient {
  return createClient({
    apiUrl: api,
    fetch: miro.fetch,
    clock: toClock({ now: () => now }),
    limits: defaultApiLimits,
    jitter: () => 0,
    tokens
  })
}

function boardsOf (miro: Miro): MiroClient['boards'] {
  return clientOf(miro).boards
}

function streamOf (text: string): ReadableStream {
  return new Response(text).body ?? new ReadableStream()
}

t.test('rest: the authorized fetch', async (t) => {
  t.test('resolves relative targets against the API, and takes URLs and Requests', async (t) => {
    const targets: Array<[string | URL | Request, string]> = [
      ['/v2/boards', `${api}/v2/boards`],
      ['v2/boards?limit=1#x', `${api}/v2/boards?limit=1#x`],
      ['', `${api}/`],
      ['?a=b', `${api}/?a=b`],
      [`${api}/v2/boards`, `${api}/v2/boards`],
      ['HTTPS://API.MIRO.COM:443/v2', `${api}/v2`],
      [new URL('/v2/boards', api), `${api}/v2/boards`],
      [new Request(`${api}/v2/boards`), `${api}/v2/boards`],
      // All of these are addresses of the API, although they look like others.
      ['https:evil.com/x', `${api}/evil.com/x`],
      [`${api}\\@evil.com/`, `${api}/@evil.com/`],
      ['/..//evil.com', `${api}//evil.com`],
      ['/%2f%2fevil.com', `${api}/%2f%2fevil.com`],
      ['./@evil.com', `${api}/@evil.com`]
    ]
    for (const [target, expected] of targets) {
      const miro = miroOf(ok)
      t.equal((await fetchOf(miro)(target)).status, 200)
      t.equal(miro.sent[0]?.url, expected)
      t.equal(miro.sent[0]?.headers.get('authorization'), 'Bearer token-1')
      t.equal(miro.sent[0]?.init.redirect, 'manual')
    }
  })

  t.test('sends the parts of a Request, of which init overrides each', async (t) => {
    const miro = miroOf(ok)
    const controller = new AbortController()
    const request = new Request(`${api}/v2/boards`, { method: 'POST', body: '{"name":"a"}', headers: { 'x-a': 'b', 'content-type': 'application/json', authorization: 'Bearer other' }, signal: controller.signal })
    await fetchOf(miro)(request)
    await fetchOf(miro)(new Request(`${api}/v2/boards`, { method: 'POST', body: 'a' }), { method: 'PUT', body: 'b', headers: { 'x-c': 'd' } })
    const [first, second] = miro.sent
    t.equal(first?.method, 'POST')
    t.equal(first?.headers.get('x-a'), 'b')
    t.equal(first?.headers.get('content-type'), 'application/json')
    t.equal(first?.headers.get('authorization'), 'Bearer token-1')
    t.equal(new TextDecoder().decode(first?.body as Uint8Array), '{"name":"a"}')
    t.notOk('duplex' in (first?.init ?? {}), 'a short body is sent with its length')
    controller.abort()
    t.equal(first?.init.signal?.aborted, true)
    t.equal(second?.method, 'PUT')
    t.equal(second?.body, 'b')
    t.equal(second?.headers.get('x-c'), 'd')
  })

  t.test('takes a Request of another realm by its fields', async (t) => {
    const miro = miroOf(ok)
    const signal = new AbortController().signal
    const foreign = { url: `${api}/v2/boards`, method: 'PATCH', headers: [['x-a', 'b'], ['Authorization', 'Bearer other']], body: null, signal, redirect: 'follow' }
    await fetchOf(miro)(foreign as unknown as Request)
    t.equal(miro.sent[0]?.url, `${api}/v2/boards`)
    t.equal(miro.sent[0]?.method, 'PATCH')
    t.equal(miro.sent[0]?.headers.get('x-a'), 'b')
    t.equal(miro.sent[0]?.headers.get('authorization'), 'Bearer token-1')
    t.equal(miro.sent[0]?.init.signal, signal)
  })

  t.test('overrides every Authorization of the caller, and mutates no object of the caller', async (t) => {
    const headerSets: Array<NonNullable<RequestInit['headers']>> = [{ AUTHORIZATION: 'Basic a', 'x-a': 'b' }, [['authorization', 'Basic a'], ['Authorization', 'Basic b'], ['x-a', 'b']], new Headers({ authorization: 'Basic a', 'x-a': 'b' })]
    for (const headers of headerSets) {
      const miro = miroOf(to('/v2/other'), refused, ok)
      const before = JSON.stringify([...new Headers(headers)])
      const init = Object.freeze({ method: 'POST', headers, body: 'a' })
      await fetchOf(miro)('/v2/boards', init)
      t.strictSame(miro.sent.map((sent) => sent.headers.get('authorization')), ['Bearer token-1', 'Bearer token-1', 'Bearer token-2'])
      t.ok(miro.sent.every((sent) => sent.headers.get('x-a') === 'b' && sent.body === 'a' && sent.method === 'POST'))
      t.equal(JSON.stringify([...new Headers(headers)]), before)
    }
  })

  t.test('passes the caller\'s signal to the token and to the request', async (t) => {
    const miro = miroOf(refused, ok)
    const tokens = tokensOf()
    const { signal } = new AbortController()
    await fetchOf(miro, tokens)('/v2/boards', { signal })
    t.strictSame(tokens.signals.map((given) => given === signal), [true, true])
    t.ok(miro.sent.every(({ init }) => init.signal === signal))
  })

  t.test('rejects with the error of the token source, and sends nothing', async (t) => {
    const miro = miroOf(ok)
    const failing: TokenSource = { ...tokensOf(), accessToken: async () => { throw new NotConnectedError() } }
    await t.rejects(fetchOf(miro, failing)('/v2/boards'), NotConnectedError)
    t.equal(miro.sent.length, 0)
  })
})

const hostile = [
  '//evil.com/', '///evil.com/', '////evil.com/', '\\\\evil.com\\', '/\\evil.com/', '\\/evil.com/', '\t//evil.com/', '/\t/evil.com/', '//\nevil.com/', ' //evil.com/', '\u0000//evil.com/', '\u001f\\\\evil.com',
  'https://evil.com/', 'https:///evil.com/', 'https:\\\\evil.com/', 'HTTPS://EVIL.COM/', 'ht\ntps://evil.com/', 'https:/\t/evil.com/',
  'https://api.miro.com.evil.com/', 'https://api.miro.com@evil.com/', 'https://api.miro.com:443@evil.com/', 'https://api.miro.com%40evil.com/', 'https://api.miro.com%2eevil.com/', 'https://api.miro.com\u3002evil.com/',
  'https://evil.com#@api.miro.com/', 'https://evil.com?@api.miro.com/', 'https://evil.com/@api.miro.com/', 'https://evil.com\\@api.miro.com/', 'https://evil.com/https://api.miro.com/',
  'https://user@api.miro.com/', 'https://user:secret@api.miro.com/', 'https://:secret@api.miro.com/', '//user@api.miro.com/', 'https://%00@api.miro.com/',
  'https://miro.com/', 'https://api.miro.com./', 'https://xapi.miro.com/', 'https://sub.api.miro.com/', 'https://api-miro.com/', 'https://api.miro.co/', 'https://\u0430pi.miro.com/',
  'https://api.miro.com:8443/', 'https://api.miro.com:80/', '//api.miro.com:444/', 'https://api.miro.com:99999/', 'http://api.miro.com/', 'http://api.miro.com:443/', 'wss://api.miro.com/', 'ftp://api.miro.com/', 'file://api.miro.com/etc/passwd', 'file:///etc/passwd', 'foo://api.miro.com/',
  'blob:https://api.miro.com/0f8b6f1e', 'filesystem:https://api.miro.com/temporary/x', 'data:text/plain,x', 'javascript:alert(1)', 'about:blank', 'mailto:a@api.miro.com',
  'https://', 'https://[', 'https://[::1]/', 'https://127.0.0.1/', 'http://localhost:3000/', 'https://0x7f.1/'
]

async function rejectionOf (promise: Promise<unknown>): Promise<unknown> {
  return promise.then(() => null, (error: unknown) => error)
}

t.test('rest: a hostile target is refused before a token is asked for:', async (t) => {
  t.ok(hostile.length > 60)
  for (const target of hostile) {
    const inputs: Array<string | URL | Request> = [target, { toString: () => target } as unknown as string]
    if (URL.canParse(target)) inputs.push(new URL(target), { url: target, method: 'GET', headers: {} } as unknown as Request)
    const right = []
    for (const input of inputs) {
      const miro = miroOf(ok)
      const tokens = tokensOf()
      const error = await rejectionOf(fetchOf(miro, tokens)(input))
      right.push(error instanceof ForeignOriginError && error.code === 'MIRO_FOREIGN_ORIGIN' && miro.sent.length === 0 && tokens.asked.length === 0)
    }
    t.ok(right.every(Boolean), JSON.stringify(target))
  }
})

t.test('rest: a hostile redirect is refused:', async (t) => {
  const locations = hostile.filter((target) => /^[\x20-\x7e]+$/.test(target) && !target.startsWith(' '))
  t.ok(locations.length > 50)
  for (const location of locations) {
    for (const status of [301, 302, 303, 307, 308]) {
      for (const steps of [[], [to('/v2/one'), to('/v2/two', 302)]]) {
        const miro = miroOf(...steps, to(location, status), ok)
        const error = await rejectionOf(fetchOf(miro)('/v2/boards'))
        if (!(error instanceof ForeignOriginError) || miro.sent.length !== steps.length + 1) t.fail(`${status} ${location}`)
      }
    }
  }
  const retried = miroOf(refused, to('https://evil.com/'), ok)
  await t.rejects(fetchOf(retried)('/v2/boards'), ForeignOriginError, 'nor after a 401')
  t.equal(retried.sent.length, 2)
})

t.test('rest: a target whose url changes between reads is sent to the API or refused', async (t) => {
  for (let turn = 1; turn < 6; turn++) {
    const miro = miroOf(ok)
    let reads = 0
    const shifty = { headers: {}, get url () { return ++reads < turn ? `${api}/` : 'https://evil.com/' } }
    await rejectionOf(fetchOf(miro)(shifty as unknown as Request))
    t.ok(miro.sent.every(({ url }) => new URL(url).origin === api))
  }
})

t.test('rest: an API on loopback is this host, port and scheme only', async (t) => {
  const local = 'http://localhost:4000'
  for (const target of ['https://localhost:4000/', 'http://localhost/', 'http://localhost:4001/', 'http://127.0.0.1:4000/', 'https:/x', api]) {
    const miro = miroOf(ok)
    t.ok(await rejectionOf(fetchOf(miro, tokensOf(), local)(target)) instanceof ForeignOriginError, target)
    t.equal(miro.sent.length, 0)
  }
  const miro = miroOf(ok)
  await fetchOf(miro, tokensOf(), local)('/v2/boards')
  t.equal(miro.sent[0]?.url, 'http://localhost:4000/v2/boards')
})

t.test('rest: a redirect within Miro\'s origin', async (t) => {
  t.test('is followed with the token, relative to the address that redirects', async (t) => {
    const miro = miroOf(to('two'), to('?a=b', 302), to(`${api}/v3/x`, 308), json({ done: true }))
    t.strictSame(await (await fetchOf(miro)('/v2/one')).json(), { done: true })
    t.strictSame(miro.sent.map(({ url }) => url), [`${api}/v2/one`, `${api}/v2/two`, `${api}/v2/two?a=b`, `${api}/v3/x`])
    t.ok(miro.sent.every(({ headers }) => headers.get('authorization') === 'Bearer token-1'))
  })

  t.test('changes the method as the Fetch standard says, and else sends the body again', async (t) => {
    const cases: Array<[number, string, string]> = [
      [301, 'POST', 'GET'], [302, 'POST', 'GET'], [303, 'POST', 'GET'], [303, 'PUT', 'GET'], [303, 'DELETE', 'GET'], [303, 'post', 'GET'], [301, 'post', 'GET'],
      [307, 'POST', 'POST'], [308, 'POST', 'POST'], [301, 'PUT', 'PUT'], [302, 'PATCH', 'PATCH'], [307, 'DELETE', 'DELETE'], [303, 'HEAD', 'HEAD'], [303, 'GET', 'GET'], [301, 'GET', 'GET']
    ]
    for (const [status, method, expected] of cases) {
      const hasBody = !['GET', 'HEAD'].includes(method)
      const miro = miroOf(to('/v2/other', status), ok)
      await fetchOf(miro)('/v2/boards', { method, headers: { 'content-type': 'text/plain', 'content-language': 'en', 'x-a': 'b' }, ...(hasBody ? { body: 'a' } : {}) })
      const sent = miro.sent[1]
      const kept = hasBody && expected !== 'GET'
      t.equal(sent?.method, expected, `${status} ${method}`)
      t.equal(sent?.body, kept ? 'a' : null)
      t.equal(sent?.headers.get('x-a'), 'b')
      t.equal(sent?.headers.has('content-type'), kept || !hasBody)
      t.equal(sent?.headers.has('content-language'), kept || !hasBody)
    }
  })

  t.test('rejects if a streamed body has to be sent again, and follows if the body is dropped', async (t) => {
    const replayed = miroOf(to('/v2/other', 307), ok)
    await t.rejects(fetchOf(replayed)('/v2/boards', { method: 'POST', body: streamOf('a') }), TypeError)
    t.equal(replayed.sent.length, 1)
    const dropped = miroOf(to('/v2/other', 303), ok)
    await fetchOf(dropped)('/v2/boards', { method: 'POST', body: streamOf('a') })
    t.equal(dropped.sent[1]?.body, null)
  })

  t.test('is followed five times at most', async (t) => {
    const five = miroOf(...Array.from({ length: 5 }, (_, hop) => to(`/v2/${hop}`)), ok)
    t.equal((await fetchOf(five)('/v2/boards')).status, 200)
    t.equal(five.sent.length, 6)
    const endless = miroOf(to('/v2/again'))
    await t.rejects(fetchOf(endless)('/v2/boards'), TypeError)
    t.equal(endless.sent.length, 6)
  })

  t.test('is returned or rejected if the caller asks for that by `redirect`', async (t) => {
    const inputs: Array<[string | Request, RequestInit?]> = [['/v2/boards', { redirect: 'manual' }], [new Request(`${api}/v2/boards`, { redirect: 'manual' })], [new Request(`${api}/v2/boards`, { redirect: 'error' }), { redirect: 'manual' }]]
    for (const [input, init] of inputs) {
      const miro = miroOf(to('https://evil.com/', 302), ok)
      const response = await fetchOf(miro)(input, init)
      t.equal(response.status, 302)
      t.equal(response.headers.get('location'), 'https://evil.com/')
      t.equal(miro.sent.length, 1)
    }
    const miro = miroOf(to('/v2/other'), ok)
    await t.rejects(fetchOf(miro)('/v2/boards', { redirect: 'error' }), TypeError)
    t.equal(miro.sent.length, 1)
  })

  t.test('needs a location, and its body is cancelled', async (t) => {
    const miro = miroOf(() => new Response('x', { status: 302 }))
    t.equal((await fetchOf(miro)('/v2/boards')).status, 302)
    t.equal((await fetchOf(miroOf(() => new Response(null, { status: 304, headers: { location: '/v2/other' } })))('/v2/boards')).status, 304)
    let cancelled = false
    const body = new ReadableStream({ cancel () { cancelled = true } })
    await fetchOf(miroOf(() => new Response(body, { status: 307, headers: { location: '/v2/other' } }), ok))('/v2/boards')
    t.ok(cancelled)
  })
})

t.test('rest: a 401', async (t) => {
  t.test('is followed by one retry with the replacement', async (t) => {
    const miro = miroOf(refused, ok)
    const tokens = tokensOf()
    t.equal((await fetchOf(miro, tokens)('/v2/boards', { method: 'POST', body: 'a' })).status, 200)
    t.strictSame(miro.sent.map(({ headers, body }) => [headers.get('authorization'), body]), [['Bearer token-1', 'a'], ['Bearer token-2', 'a']])
    t.strictSame(tokens.asked, ['token', 'replacement for token-1'])
  })

  t.test('is returned if the retry gets another 401', async (t) => {
    const miro = miroOf(refused)
    const tokens = tokensOf()
    t.equal((await fetchOf(miro, tokens)('/v2/boards')).status, 401)
    t.equal(miro.sent.length, 2)
    t.equal(tokens.asked.length, 2)
  })

  t.test('is returned with its body if there is no replacement', async (t) => {
    const miro = miroOf(refused)
    const response = await fetchOf(miro, tokensOf(null))('/v2/boards')
    t.equal(response.status, 401)
    t.strictSame(await response.json(), { status: 401, code: 'tokenNotProvided' })
    t.equal(miro.sent.length, 1)
  })

  t.test('for a streamed body is returned, and the replacement is fetched for the next call', async (t) => {
    const bodies = [streamOf('a'), (async function * () { yield Buffer.from('a') })()]
    for (const body of bodies) {
      const miro = miroOf(refused, ok)
      const tokens = tokensOf()
      const response = await fetchOf(miro, tokens)('/v2/boards', { method: 'POST', body: body as ReadableStream })
      t.equal(response.status, 401)
      t.equal((await response.json() as { code: string }).code, 'tokenNotProvided')
      t.equal(miro.sent.length, 1)
      t.strictSame(tokens.asked, ['token', 'replacement for token-1'])
    }
    const request = miroOf(refused, ok)
    t.equal((await fetchOf(request)(new Request(`${api}/v2/boards`, { method: 'POST', body: 'a' }))).status, 200, 'the short body of a Request is sent again')
    const long = miroOf(refused, ok)
    t.equal((await fetchOf(long)(new Request(`${api}/v2/boards`, { method: 'POST', body: 'a'.repeat(2 ** 20 + 1) }))).status, 401, 'a long one is not')
    const made = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('a')) })
    const endless = miroOf(refused, ok)
    const pending = new Request(`${api}/v2/boards`, { method: 'POST', body: made, duplex: 'half' } as RequestInit)
    t.equal((await fetchOf(endless)(pending)).status, 401, 'one that is still being made is streamed')
    t.equal((await fetchOf(miroOf(refused, ok))(new Request(`${api}/v2/boards`))).status, 200, 'a Request without a body has none')
  })

  t.test('is followed by a retry with every body that can be sent twice', async (t) => {
    const form = new FormData()
    form.set('a', 'b')
    const bodies: Array<NonNullable<RequestInit['body']>> = ['a', new URLSearchParams('a=b'), form, new Blob(['a']), Buffer.from('a'), new Uint8Array(1).buffer, new DataView(new ArrayBuffer(1))]
    for (const body of bodies) {
      const miro = miroOf(refused, ok)
      t.equal((await fetchOf(miro)('/v2/boards', { method: 'POST', body })).status, 200)
      t.equal(miro.sent[1]?.body, body)
      t.notMatch(miro.sent[1]?.init, { duplex: 'half' })
    }
  })

  t.test('after a redirect is followed by a retry of the refused request, not of the one before it', async (t) => {
    const miro = miroOf(to('/v2/created', 303), refused, ok)
    t.equal((await fetchOf(miro)('/v2/boards', { method: 'POST', body: streamOf('a') })).status, 200)
    t.strictSame(miro.sent.map(({ method, url }) => `${method} ${url}`), [`POST ${api}/v2/boards`, `GET ${api}/v2/created`, `GET ${api}/v2/created`])
  })

  t.test('rejects with the error of the token source', async (t) => {
    const failing: TokenSource = { ...tokensOf(), replacementFor: async () => { throw new ReauthorizeError('refused') } }
    await t.rejects(fetchOf(miroOf(refused), failing)('/v2/boards'), ReauthorizeError)
  })

  t.test('is the only status that asks for a replacement', async (t) => {
    for (const status of [200, 400, 403, 404, 407, 429, 500, 503]) {
      const tokens = tokensOf()
      t.equal((await fetchOf(miroOf(() => new Response('', { status })), tokens)('/v2/boards')).status, status)
      t.strictSame(tokens.asked, ['token'])
    }
  })
})

async function collect<T> (items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

const idsOf = (items: Array<Record<string, unknown>>): unknown[] => items.map((item) => item['id'])

t.test('rest: paginate', async (t) => {
  t.test('walks by offset up to the total, and never follows links', async (t) => {
    const links = { next: 'http://evil.com/v2/boards?offset=2', first: 'http://evil.com/' }
    const miro = miroOf(
      json({ data: [{ id: 1 }, { id: 2 }], total: 5, size: 2, offset: 0, limit: 2, links }),
      json({ data: [{ id: 3 }, { id: 4 }], total: 5, size: 2, offset: 2, limit: 2, links }),
      json({ data: [{ id: 5 }], total: 5, size: 1, offset: 4, limit: 2, links }))
    t.strictSame(idsOf(await collect(clientOf(miro).paginate('/v2/boards', { query: { limit: 2, team_id: '1', owner: undefined } }))), [1, 2, 3, 4, 5])
    t.strictSame(miro.sent.map(({ url }) => url), ['', '&offset=2', '&offset=4'].map((rest) => `${api}/v2/boards?limit=2&team_id=1${rest}`))
    t.ok(miro.sent.every(({ method, headers }) => method === 'GET' && headers.get('accept') === 'application/json' && !headers.has('content-type')))
  })

  t.test('walks by cursor until there is none, through empty pages', async (t) => {
    for (const end of [{}, { cursor: '' }, { cursor: null }]) {
      const miro = miroOf(
        json({ data: [{ id: 1 }], cursor: 'a&b=c' }),
        json({ data: [], cursor: 'd' }),
        json({ data: [{ id: 2 }], ...end }))
      t.strictSame(idsOf(await collect(clientOf(miro).paginate('/v2/boards/1/items'))), [1, 2])
      t.strictSame(miro.sent.map(({ url }) => new URL(url).search), ['', '?cursor=a%26b%3Dc', '?cursor=d'])
    }
  })

  t.test('begins at the offset or cursor of the caller, and keeps a query in the path', async (t) => {
    const offset = miroOf(json({
      data: [{ id: 3 }],
      total: 4,
      offset: 2
    }), json({ data: [{ id: 4 }], total: 4, offset: 3 }))
    t.strictSame(idsOf(await collect(clientOf(offset).paginate('/v2/boards', { query: { offset: 2 } }))), [3, 4])
    t.strictSame(offset.sent.map(({ url }) => new URL(url).search), ['?offset=2', '?offset=3'])
    const cursor = miroOf(json({ data: [{ id: 1 }], cursor: 'b' }), json({ data: [] }))
    await collect(clientOf(cursor).paginate('/v2/boards/1/items?limit=50', { query: { type: 'card' } }))
    t.strictSame(cursor.sent.map(({ url }) => new URL(url).search), ['?limit=50&type=card', '?limit=50&type=card&cursor=b'])
  })

  t.test('ends with an empty page, a list without a total, or a list that is shorter than its total', async (t) => {
    for (const page of [{ data: [], total: 5, offset: 0 }, { data: [], total: 0, offset: 0 }, { data: [] }]) {
      const miro = miroOf(json(page))
      t.strictSame(await collect(clientOf(miro).paginate('/v2/boards')), [])
      t.equal(miro.sent.length, 1)
    }
    const shrunk = miroOf(json({ data: [{ id: 1 }], total: 3, offset: 0 }), json({ data: [], total: 3, offset: 1 }))
    t.strictSame(idsOf(await collect(clientOf(shrunk).paginate('/v2/boards'))), [1])
    t.equal(shrunk.sent.length, 2)
  })

  t.test('rejects if the cursor or the offset does not advance, or if a page has no list', async (t) => {
    const standing = miroOf(json({ data: [{ id: 1 }], cursor: 'a' }))
    await t.rejects(collect(clientOf(standing).paginate('/v2/boards/1/items')), BadResponseError)
    t.equal(standing.sent.length, 2)
    const ignoring = miroOf(json({ data: [{ id: 1 }], total: 5, offset: 0 }))
    await t.rejects(collect(clientOf(ignoring).paginate('/v2/boards')), BadResponseError)
    t.equal(ignoring.sent.length, 2)
    for (const page of [{}, { data: {} }, { data: null }]) await t.rejects(collect(clientOf(miroOf(json(page))).paginate('/v2/boards')), BadResponseError)
  })

  t.test('keeps ids exact, skips items that are no objects, reads pages lazily, and takes a signal', async (t) => {
    const miro = miroOf(() => new Response('{"data":[{"id":3074457345618261500,"picture":{"id":3074457345618261501}},null,5],"cursor":"a"}'))
    const { signal } = new AbortController()
    const pages = clientOf(miro).paginate('/v2/boards/1/items', { signal })
    t.equal(miro.sent.length, 0)
    t.strictSame((await pages.next()).value, { id: '3074457345618261500', picture: { id: '3074457345618261501' } })
    await pages.return()
    t.equal(miro.sent.length, 1)
    t.equal(miro.sent[0]?.init.signal?.aborted, false)
  })

  t.test('refuses a target outside of Miro', async (t) => {
    const miro = miroOf(ok)
    await t.rejects(collect(clientOf(miro).paginate('//evil.com/v2/boards')), ForeignOriginError)
    t.equal(miro.sent.length, 0)
  })
})

t.test('rest: boards', async (t) => {
  const board = { id: 'uXjVOD6LSME=', name: 'A board', type: 'board' }

  t.test('list returns one page, without its links', async (t) => {
    const miro = miroOf(json({ type: 'list', total: 7, size: 1, offset: 3, limit: 1, links: { next: 'http://evil.com' }, data: [board] }))
    t.strictSame(await clientOf(miro).boards.list({ team_id: '1', query: 'a b&c', sort: 'last_opened', limit: 1, offset: 3 }), { data: [board], total: 7, size: 1, offset: 3 })
    t.equal(miro.sent[0]?.url, `${api}/v2/boards?team_id=1&query=a+b%26c&sort=last_opened&limit=1&offset=3`)
    t.strictSame(await clientOf(miroOf(json({ data: [board] }))).boards.list(), {
      data: [board],
      total: 1,
      size: 1,
      offset: 0
    })
    t.strictSame(await clientOf(miroOf(json({ data: [], total: '7' }))).boards.list({ offset: 5 }), { data: [], total: 0, size: 0, offset: 5 })
  })

  t.test('iterate yields every board', async (t) => {
    const miro = miroOf(json({ total: 2, offset: 0, data: [board] }), json({ total: 2, offset: 1, data: [{ ...board, id: '2' }] }))
    t.strictSame((await collect(clientOf(miro).boards.iterate({ limit: 1 }))).map(({ id }) => id), ['uXjVOD6LSME=', '2'])
    t.strictSame(miro.sent.map(({ url }) => new URL(url).search), ['?limit=1', '?limit=1&offset=1'])
  })

  t.test('get encodes the id, so that it reaches no other path', async (t) => {
    const ids: Array<[string, string]> = [
      ['uXjVOD6LSME=', '/v2/boards/uXjVOD6LSME%3D'], ['../../v1/oauth-token', '/v2/boards/..%2F..%2Fv1%2Foauth-token'], ['a?b#c', '/v2/boards/a%3Fb%23c'],
      ['a\\..\\b', '/v2/boards/a%5C..%5Cb'], ['%2e%2e', '/v2/boards/%252e%252e'], ['\ud800', '/v2/boards/%EF%BF%BD'], ['//evil.com', '/v2/boards/%2F%2Fevil.com']
    ]
    for (const [id, path] of ids) {
      const miro = miroOf(json(board))
      t.strictSame(await clientOf(miro).boards.get(id), board)
      t.equal(miro.sent[0]?.url, api + path)
    }
  })

  t.test('create sends JSON', async (t) => {
    const miro = miroOf(json(board, { status: 201 }))
    t.strictSame(await clientOf(miro).boards.create({ name: 'Zoë', policy: { sharingPolicy: { access: 'private' } } }), board)
    t.equal(miro.sent[0]?.method, 'POST')
    t.equal(miro.sent[0]?.url, `${api}/v2/boards`)
    t.equal(miro.sent[0]?.headers.get('content-type'), 'application/json')
    t.equal(miro.sent[0]?.body, '{"name":"Zoë","policy":{"sharingPolicy":{"access":"private"}}}')
    await clientOf(miro).boards.create()
    t.equal(miro.sent[1]?.body, '{}')
  })

  t.test('without an id or a name are MIRO_BAD_RESPONSE', async (t) => {
    for (const value of [{}, { id: 5, name: 'a' }, { id: 'a' }, { data: [board] }]) {
      await t.rejects(clientOf(miroOf(json(value))).boards.get('a'), BadResponseError)
      await t.rejects(clientOf(miroOf(json({ data: [value] }))).boards.list(), BadResponseError)
      await t.rejects(collect(clientOf(miroOf(json({ data: [value] }))).boards.iterate()), BadResponseError)
    }
    await t.rejects(clientOf(miroOf(json({ data: {} }))).boards.list(), BadResponseError)
  })

  t.test('take a signal', async (t) => {
    const miro = miroOf(json({ ...board, data: [board] }))
    const { signal } = new AbortController()
    const { boards } = clientOf(miro)
    await boards.list({}, { signal })
    await boards.get('a', { signal })
    await boards.create({}, { signal })
    await collect(boards.iterate({}, { signal }))
    t.equal(miro.sent.length, 4)
    const silent = miroOf(() => new Promise<Response>(() => {}))
    const reason = new Error('left')
    const controller = new AbortController()
    const calls = [boardsOf(silent).get('a', { signal: controller.signal }), clientOf(silent).tokenContext({ signal: controller.signal })]
    await new Promise((resolve) => setImmediate(resolve))
    controller.abort(reason)
    for (const call of calls) t.equal(await call.catch((error: unknown) => error), reason)
    t.ok(silent.sent.every(({ init }) => init.signal?.aborted === true), 'the request ends with its caller')
  })
})

t.test('rest: an error of the API', async (t) => {
  async function errorOf (answer: () => Response | Promise<Response>): Promise<unknown> {
    return rejectionOf(clientOf(miroOf(answer), tokensOf(null)).boards.get('a'))
  }

  t.test('has Miro\'s status and code, and passes on 403, 404, 409 and 429 as its own status', async (t) => {
    for (const status of [400, 401, 402, 403, 404, 405, 409, 413, 425, 429, 500, 503]) {
      const error = await errorOf(json({ status, code: 'someCode', message: 'secret text', type: 'error' }, { status }))
      if (!(error instanceof ApiError)) throw error
      t.equal(error.code, 'MIRO_API')
      t.equal(error.miroStatus, status)
      t.equal(error.miroCode, 'someCode')
      t.equal(error.statusCode, [403, 404, 409, 429].includes(status) ? status : 502)
      t.equal(error.headers, undefined)
      t.notOk(inspect(error).includes('secret'))
    }
  })

  t.test('has a code only if it is a plain word', async (t) => {
    const codes: Array<[unknown, string | null]> = [['tooManyRequests', 'tooManyRequests'], ['2.074', '2.074'], ['a b', null], ['<b>', null], ['a'.repeat(65), null], ['', null], [5, null], [undefined, null]]
    for (const [code, expected] of codes) {
      const error = await errorOf(json({ code }, { status: 404 }))
      t.equal(error instanceof ApiError && error.miroCode, expected, String(code).slice(0, 20))
    }
    for (const body of ['', '<html></html>', '[]', 'null', '{"code":']) {
      const error = await errorOf(() => new Response(body, { status: 404 }))
      t.equal(error instanceof ApiError && error.miroCode, null, body)
    }
  })

  t.test('has Retry-After after a 429, from Miro\'s reset or Retry-After', async (t) => {
    const waits: Array<[Record<string, string>, string | undefined]> = [
      [{ 'x-ratelimit-reset': String(now / 1000 + 45) }, '45'], [{ 'x-ratelimit-reset': String(now + 44_001) }, '45'], [{ 'retry-after': '7' }, '7'],
      [{ 'x-ratelimit-reset': String(now / 1000 - 45) }, '1'], [{}, undefined], [{ 'retry-after': '9'.repeat(400) }, undefined]
    ]
    for (const [headers, expected] of waits) {
      const error = await errorOf(() => new Response('{}', { status: 429, headers }))
      t.equal(error instanceof ApiError ? error.headers?.['retry-after'] : 'no error', expected)
    }
    const elsewhere = await errorOf(() => new Response('{}', { status: 404, headers: { 'retry-after': '7' } }))
    t.equal(elsewhere instanceof ApiError ? elsewhere.headers : 'no error', undefined)
  })

  t.test('is MIRO_BAD_RESPONSE if a success is no JSON object', async (t) => {
    for (const body of ['', '<html></html>', '[]', 'null', '5', '{"id":']) {
      const error = await errorOf(() => new Response(body, { status: 200 }))
      t.equal(error instanceof BadResponseError && error.miroStatus, 200, body)
    }
  })

  t.test('is MIRO_UNAVAILABLE if Miro does not answer, or not to the end', async (t) => {
    const failure = new TypeError('fetch failed')
    for (const answer of [async () => { throw failure }, () => new Response(new ReadableStream({
      start (
        controller
      ) { controller.error(failure) }
    }))]) {
      const error = await errorOf(answer)
      t.ok(error instanceof UnavailableError)
      t.equal(error instanceof UnavailableError && error.cause, failure)
      t.equal(error instanceof UnavailableError && error.headers?.['retry-after'], '1')
    }
  })

  t.test('is the caller\'s own reason after an abort, and an error of the core as it is', async (t) => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const miro = miroOf(() => {
      controller.abort(reason)
      throw reason
    })
    t.equal(await rejectionOf(clientOf(miro).boards.get('a', { signal: controller.signal })), reason)
    const own = new NotConnectedError()
    t.equal(await rejectionOf(clientOf(miroOf(ok), { ...tokensOf(), accessToken: async () => { throw own } }).boards.get('a')), own)
  })
})

t.test('rest: the token context', async (t) => {
  const user = { type: 'user', name: 'Ada', id: '9876543210123456789' }
  const team = { type: 'team', name: 'Engines', id: '1234567890987654321' }
  const organization = { type: 'organization', name: 'Analytical', id: '5' }

  t.test('is read in every documented form', async (t) => {
    const whole = { userId: user.id, userName: 'Ada', teamId: team.id, teamName: 'Engines', organizationId: '5', organizationName: 'Analytical', scopes: ['boards:read'] }
    t.strictSame(parseTokenContext({ type: 'x', user, team, organization, createdBy: user, scopes: ['boards:read'] }), whole)
    t.strictSame(parseTokenContext({ user, team, scopes: ['boards:read'] }), { ...whole, organizationId: null, organizationName: null })
    t.strictSame(parseTokenContext({ user: { id: user.id }, team: { id: 5 }, organization: null, scopes: ['a', 5] }), { userId: user.id, userName: null, teamId: '5', teamName: null, organizationId: null, organizationName: null, scopes: ['a'] })
    for (const scopes of [undefined, null, 'boards:read']) t.strictSame(parseTokenContext({ user, team, scopes }).scopes, [])
  })

  t.test('without an exact user and team is MIRO_BAD_RESPONSE', async (t) => {
    for (const value of [null, undefined, 'x', [], {}, { user }, { team }, { user: {}, team }, { user: 'Ada', team }, { user: { id: '' }, team }, { user: { id: 3074457358607431473n }, team }, { user: { id: 2 ** 60 }, team }]) {
      t.throws(() => parseTokenContext(value), BadResponseError)
    }
  })

  t.test('is fetched by the client with exact ids', async (t) => {
    const miro = miroOf(() => new Response('{"user":{"id":3074457358607431473},"team":{"id":"1"}}'))
    t.equal((await clientOf(miro).tokenContext()).userId, '3074457358607431473')
    t.equal(miro.sent[0]?.url, `${api}/v1/oauth-token`)
  })

  t.test('is asked for again with another token after a 400, by which Miro refuses a token there and nowhere else', async (t) => {
    const context = json({ user: { id: '1' }, team: { id: '2' } })
    const miro = miroOf(json({}, { status: 400 }), context)
    t.equal((await clientOf(miro).tokenContext()).userId, '1')
    t.strictSame(miro.sent.map(({ headers }) => headers.get('authorization')), ['Bearer token-1', 'Bearer token-2'])
    const elsewhere = miroOf(json({}, { status: 400 }), context)
    await t.rejects(clientOf(elsewhere).boards.get('a'), { code: 'MIRO_API', miroStatus: 400 })
    t.equal(elsewhere.sent.length, 1)
  })
})

t.test('rest: every method of a client works without its `this`', async (t) => {
  const miro = miroOf(json({ id: 'a', name: 'b', data: [] }))
  const { fetch, accessToken, boards: { list, get }, paginate } = clientOf(miro)
  t.equal(await accessToken(), 'token-1')
  t.equal((await fetch('/v2/boards')).status, 200)
  t.strictSame((await list()).data, [])
  t.equal((await get('a')).id, 'a')
  t.strictSame(await collect(paginate('/v2/boards')), [])
})

t.test('rest: LazyTokens, the tokens of a grant that is found when first needed', async (t) => {
  const ref = { userId: '1', teamId: '2' }

  t.test('find it once, and again only after a failure', async (t) => {
    let finds = 0
    const find = async () => {
      if (++finds === 1) throw new NotConnectedError()
      return { ref }
    }
    const tokens = new LazyTokens({ find, tokensOf: () => tokensOf(), onReauthorize: async () => {} })
    t.equal(finds, 0)
    await t.rejects(tokens.accessToken(), NotConnectedError)
    t.strictSame(await Promise.all([tokens.accessToken(), tokens.accessToken(), tokens.replacementFor('token-1')]), ['token-1', 'token-1', 'token-2'])
    t.equal(finds, 2)
  })

  t.test('report MIRO_REAUTHORIZE, and no other error', async (t) => {
    const reported: unknown[] = []
    const errors = [new ReauthorizeError('refused'), new UnavailableError()]
    for (const error of errors) {
      const failing: TokenSource = {
        ref: async () => ref,
        accessToken: async () => { throw error },
        replacementFor: async () => { throw error }
      }
      const tokens = new LazyTokens({
        find: async () => ({ ref }),
        tokensOf: () => failing,
        onReauthorize: async (...given) => { reported.push(given) }
      })
      t.equal(await rejectionOf(tokens.accessToken()), error)
      t.equal(await rejectionOf(tokens.replacementFor('token-1')), error)
    }
    t.strictSame(reported, [[ref, errors[0]], [ref, errors[0]]])
  })
})

t.test('options:', async (t) => {
  const store = memoryStore()
  const right: MiroAuthOptions = { clientId: 'app', clientSecret: 'secret', store }

  t.test('a wrong one is MIRO_CONFIG, with its name and not its value:', async (t) => {
    const wrong: Array<[string, object]> = [
      ...[undefined, null, '', 5, 'hunter2 x', 'hunter2\n', 'hunter2\u0000', 'hunter2é', ' hunter2', '"hunter2"', '\'hunter2\'', {}].flatMap((value): Array<[string, object]> => [
        ['clientId', { clientId: value }], ['clientSecret', { clientSecret: value }]
      ]),
      ...[undefined, null, 5, 'hunter2', {}, { get: () => {} }, { cas: () => {} }, { get: 'hunter2', cas: 'hunter2' }].map((value): [string, object] => ['store', { store: value }]),
      ...[5, '', 'hunter2', '/hunter2', 'ftp://hunter2', 'http://hunter2.com', 'http://127.0.0.1.hunter2.com', 'http://localhost.hunter2.com', 'https://hunter2.com/v2', 'https://hunter2.com/?a=b',
        'https://hunter2@miro.com', 'https://:hunter2@miro.com', 'https://miro.com/#hunter2', 'https://hunter2 .com', 'javascript:hunter2', 'blob:https://hunter2.com/x']
        .map((apiUrl): [string, object] => ['endpoints.apiUrl', { endpoints: { apiUrl } }]),
      ...[5, '', 'hunter2:80', 'hunter2/', 'Hunter2', 'http://hunter2', null].map((host): [string, object] => ['endpoints.dangerouslyAllowHttpTo', { endpoints: { dangerouslyAllowHttpTo: host } }]),
      ['endpoints.apiUrl', { endpoints: { apiUrl: 'http://hunter2.miro', dangerouslyAllowHttpTo: 'miro' } }],
      ...[5, 'hunter2', null, true].flatMap((value): Array<[string, object]> => [['endpoints', { endpoints: value }], ['clock', { clock: value }], ['refresh', { refresh: value }]]),
      ...[5, 'hunter2', null, {}].flatMap((value): Array<[string, object]> => [['fetch', { fetch: value }], ['onEvent', { onEvent: value }], ['clock.now', { clock: { now: value } }], ['clock.monotonic', { clock: { monotonic: value } }], ['clock.wait', { clock: { wait: value } }]]),
      ...['callerMs', 'requestMs', 'leaseMs', 'aheadMs'].flatMap((name) => [0, -1, NaN, Infinity, 2 ** 31, 'hunter2', '5 hunter2', null, {}].map((value): [string, object] => [`refresh.${name}`, { refresh: { [name]: value } }])),
      ['refresh.requestMs', { refresh: { requestMs: 120_000 } }],
      ['refresh.requestMs', { refresh: { leaseMs: 100_000 } }]
    ]
    for (const [name, change] of wrong) {
      try {
        createMiroAuth({ ...right, ...change })
        t.fail(`${name} is not refused: ${inspect(change)}`)
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        t.ok(error.code === 'MIRO_CONFIG' && error.message.startsWith(`The option ${name} `) && !inspect(error).includes('hunter2'), `${inspect(change)}: ${error.message}`)
      }
    }
  })

  t.test('one that is left out has its default', async (t) => {
    const settings = toSettings({
      ...right,
      endpoints: undefined,
      fetch: undefined,
      clock: undefined,
      refresh: undefined,
      onEvent: undefined
    })
    t.equal(settings.apiUrl, api)
    t.strictSame(settings.limits, { callerMs: 10_000, requestMs: 100_000, leaseMs: 120_000, aheadMs: 2000 })
    t.equal(settings.onEvent({ type: 'breaker_opened' }), undefined)
    t.ok(Math.abs(settings.clock.now() - new Date().getTime()) < 60_000)
    t.equal(toSettings({ ...right, endpoints: {} }).apiUrl, api)
    const within = toSettings({
      ...right,
      clock: { now: undefined },
      refresh: { callerMs: undefined, leaseMs: 130_000 },
      api: { callMs: undefined }
    })
    t.strictSame(within.limits, { callerMs: 10_000, requestMs: 100_000, leaseMs: 130_000, aheadMs: 2000 })
    t.equal(within.apiLimits.callMs, 30_000)
    t.type(within.clock.now(), 'number')
  })

  t.test('a right one is taken', async (t) => {
    for (const [apiUrl, expected] of [['https://miro.test/', 'https://miro.test'], ['http://localhost:4000', 'http://localhost:4000'], ['http://127.0.0.2:4000', 'http://127.0.0.2:4000'], ['http://[::1]:4000', 'http://[::1]:4000'], ['HTTPS://Miro.Test:443', 'https://miro.test']] as const) {
      t.equal(toSettings({ ...right, endpoints: { apiUrl } }).apiUrl, expected)
    }
    t.equal(toSettings({ ...right, endpoints: { apiUrl: 'http://miro:4100', dangerouslyAllowHttpTo: 'miro' } }).apiUrl, 'http://miro:4100')
    t.equal(toSettings({ ...right, refresh: { callerMs: 5 } }).limits.callerMs, 5)
    const shifted = { offset: 5, now () { return this.offset } }
    const { clock } = toSettings({ ...right, clock: shifted })
    t.equal(clock.now(), 5, 'a clock is called as a method')
    t.type(clock.monotonic(), 'number')
    t.equal(requireUrl('redirectUri', 'https://app.test/auth/miro/callback?a=b').href, 'https://app.test/auth/miro/callback?a=b')
  })
})

t.test('errors: no code is a prefix of another, and each error has a name and a status', async (t) => {
  const errors: MiroError[] = [new ApiError(404), new BadResponseError(), new ConfigError('x'), new ForeignOriginError(), new NotConnectedError(), new ReauthorizeError('refused'), new UnavailableError()]
  const codes = errors.map(({ code }) => code)
  t.notOk(codes.some((code) => codes.some((other) => other !== code && other.startsWith(code))))
  t.ok(errors.every((error) => error.name.endsWith('Error') && error.statusCode >= 400))
  t.strictSame(errors.map(({ name }) => name), ['ApiError', 'BadResponseError', 'ConfigError', 'ForeignOriginError', 'NotConnectedError', 'ReauthorizeError', 'UnavailableError'])
  t.equal(new UnavailableError({ retryAfterMs: 1001 }).headers?.['retry-after'], '2')
  t.equal(new UnavailableError({ retryAfterMs: -5 }).headers?.['retry-after'], '1')
})

t.test('rest: a JSON call ends, whatever Miro does:', async (t) => {
  const limits = { callMs: 200, rateLimitWaitMs: 0, responseBytes: 1000, requestBytes: 1000 }
  const clientUnder = (answer: () => Response | Promise<Response>): MiroClient =>
    createClient({
      apiUrl: api,
      fetch: miroOf(answer).fetch,
      clock: toClock(),
      limits,
      jitter: () => 0,
      tokens: tokensOf()
    })
  const half = (): Response => new Response(new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{"data":')) }))
  const blanks = (): Response => new Response(new ReadableStream({ pull: (controller) => controller.enqueue(Buffer.alloc(100, ' ')) }))

  for (const [name, answer] of Object.entries({ 'no head': () => new Promise<Response>(() => {}), 'half a body': half })) {
    t.test(name, async (t) => {
      const client = clientUnder(answer)
      const calls: Array<Promise<unknown>> = [client.boards.list(), client.boards.get('a'), client.tokenContext(), client.paginate('/v2/boards').next()]
      for (const call of calls) {
        await t.rejects(call, { code: 'MIRO_UNAVAILABLE', cause: { message: 'Miro did not answer within 200 ms.' } })
      }
    })
  }

  t.test('a body without end', async (t) => {
    const client = clientUnder(blanks)
    const calls: Array<Promise<unknown>> = [client.boards.list(), client.tokenContext()]
    for (const call of calls) await t.rejects(call, { code: 'MIRO_BAD_RESPONSE' })
  })

  t.test('a small body of gzip that unpacks to a huge one', async (t) => {
    const server = createServer((_request, response) => {
      response.setHeader('content-encoding', 'gzip').setHeader('content-type', 'application/json')
      response.end(gzipSync(`{"data":[]${' '.repeat(1_000_000)}}`))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => server.close())
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const client = createClient({
      apiUrl,
      fetch,
      clock: toClock(),
      limits: { ...limits, callMs: 10_000 },
      jitter: () => 0,
      tokens: tokensOf()
    })
    await t.rejects(client.boards.list(), { code: 'MIRO_BAD_RESPONSE' })
  })
})

t.test('rest: a hundred calls under one signal leave one listener on it, and Node warns of no leak', async (t) => {
  const warnings: string[] = []
  const note = (warning: Error): void => { warnings.push(warning.name) }
  process.on('warning', note)
  t.teardown(() => { process.off('warning', note) })
  const { signal } = new AbortController()
  const miro = miroOf(async () => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    return Response.json({ data: [], total: 0, offset: 0 })
  })
  await Promise.all(Array.from({ length: 100 }, () => clientOf(miro).boards.list({}, { signal })))
  await new Promise((resolve) => setTimeout(resolve, 20))
  t.same(warnings, [])
  t.ok(getEventListeners(signal, 'abort').length <= 1)
})
