import t from 'tap'
import { systemClock } from '../src/clock.js'
import { tokenState, hashRefreshToken, toTokenPair, type TokenPair } from '../src/grant/token-pair.js'
import { createFakeClock } from '../src/testing/index.js'
import { classify, failureOf, type Verdict } from '../src/wire/classify.js'
import { parseJson } from '../src/wire/lossless-json.js'
import { readText } from '../src/wire/read-text.js'
import { parseRetryAfterMs } from '../src/wire/retry-after.js'
import { parseTokenAnswer, toId, type TokenAnswer } from '../src/wire/token-answer.js'
import type { Fetch } from '../src/wire/fetch.js'
import { OAuthEndpoints } from '../src/wire/oauth-endpoints.js'
import type { RawAnswer } from '../src/wire/raw-answer.js'
import { neverSent } from '../src/wire/never-sent.js'

const now = 1_800_000_000_000
const minuteMs = 60_000

/** The answer in Miro's documentation. */
const documented = {
  user_id: '9876543210123456789',
  refresh_token: 'eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_-PIBKmE9rzQuL3bUeAvUEGFEhLk',
  access_token: 'eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_o-P91OccaII0A63CDSK--x21xiI',
  expires_in: 3599,
  team_id: '1234567890987654321',
  scope: 'boards:write boards:read',
  token_type: 'bearer'
}

function fieldsOf (changes: Record<string, unknown>): TokenAnswer | null {
  return parseTokenAnswer({ ...documented, ...changes })
}

t.test('parseJson', async (t) => {
  t.strictSame(parseJson('{"team_id":3074457358607431473,"expires_in":3599,"ratio":0.25,"negative":-3074457358607431473}'),
    { team_id: '3074457358607431473', expires_in: 3599, ratio: 0.25, negative: '-3074457358607431473' },
    'integers beyond 2^53 become text, all other numbers stay numbers')
  t.strictSame(parseJson('[9007199254740991,9007199254740992,9007199254740993,1e3,-0]'), [9007199254740991, '9007199254740992', '9007199254740993', 1000, -0])
  t.strictSame(parseJson('{"a":1,"a":2}'), { a: 2 }, 'of a repeated field the last one counts')
  t.equal(Object.getPrototypeOf(parseJson('{"__proto__":{"access_token":"x"}}')), Object.prototype)
  for (const text of ['', '{', '{"a":}', 'NaN', '{"a":1}x', '['.repeat(100_000)]) t.throws(() => parseJson(text), `refuses ${text.slice(0, 10)}`)
})

t.test('parseTokenAnswer', async (t) => {
  t.test('reads the documented answer, raw and parsed, alike', async (t) => {
    const answer = {
      accessToken: documented.access_token,
      refreshToken: documented.refresh_token,
      expiresInMs: 3_599_000,
      scopes: ['boards:write', 'boards:read'],
      userId: '9876543210123456789',
      teamId: '1234567890987654321',
      isBearer: true
    }
    t.strictSame(parseTokenAnswer(JSON.stringify(documented)), answer)
    t.strictSame(parseTokenAnswer(documented), answer)
    t.strictSame(parseTokenAnswer(`\n${JSON.stringify(documented, null, 2)}\n`), answer)
  })

  t.test('keeps ids exact that raw text sends as 64-bit numbers', async (t) => {
    const raw = '{"token_type":"bearer","team_id":3074457358607431473,"user_id":9876543210123456789,"access_token":"a","refresh_token":"r","scope":"boards:read","expires_in":3599}'
    t.equal(parseTokenAnswer(raw)?.teamId, '3074457358607431473')
    t.equal(parseTokenAnswer(raw)?.userId, '9876543210123456789')
    t.equal(parseTokenAnswer(JSON.parse(raw))?.teamId, null, 'an id that a parser has rounded is dropped, since a wrong id is worse than none')
  })

  const ids: Array<[unknown, string | null]> = [
    ['1', '1'], [42, '42'], [Number.MAX_SAFE_INTEGER, '9007199254740991'], [Number.MAX_SAFE_INTEGER + 1, null],
    ['007', '007'], ['', null], [null, null], [undefined, null], [1.5, null], [NaN, null], [Infinity, null], [true, null], [{}, null], [['1'], null], [10n, null]
  ]
  for (const [id, expected] of ids) {
    t.equal(fieldsOf({ team_id: id })?.teamId, expected, `team_id ${typeof id} ${String(id)}`)
    t.equal(fieldsOf({ user_id: id })?.userId, expected, `user_id ${typeof id} ${String(id)}`)
    t.equal(toId(id), expected)
  }

  const lifetimes: Array<[unknown, number | null]> = [
    [3599, 3_599_000], ['3599', 3_599_000], [' 3599 ', 3_599_000], [0.5, 500], ['0.5', 500], [1.0006, 1000], ['3599.9', 3_599_900], [1e300, Number.MAX_SAFE_INTEGER],
    ['99999999999999999999', Number.MAX_SAFE_INTEGER], [Infinity, Number.MAX_SAFE_INTEGER], [0, null], ['0', null], [0.0004, null], [-1, null], ['-1', null], [NaN, null],
    ['NaN', null], ['Infinity', null], ['1e3', null], ['0x10', null], ['', null], ['an hour', null], [null, null], [undefined, null], [true, null], [[3599], null], [{}, null]
  ]
  for (const [expiresIn, expected] of lifetimes) t.equal(fieldsOf({ expires_in: expiresIn })?.expiresInMs, expected, `expires_in ${typeof expiresIn} ${String(expiresIn)}`)
  t.equal(parseTokenAnswer('{"access_token":"a","expires_in":99999999999999999999}')?.expiresInMs, Number.MAX_SAFE_INTEGER)

  const scopes: Array<[unknown, string[] | null]> = [
    ['boards:read', ['boards:read']], ['boards:write boards:read', ['boards:write', 'boards:read']], ['  a \t b\n', ['a', 'b']], ['a b a', ['a', 'b']], ['', []],
    [['a', 'b', 'a'], ['a', 'b']], [['a', 1, null], ['a']], [[], []], [undefined, null], [null, null], [5, null], [{}, null]
  ]
  for (const [scope, expected] of scopes) t.strictSame(fieldsOf({ scope })?.scopes, expected, `scope ${JSON.stringify(scope)}`)

  t.test('takes a refresh answer without ids, refresh token and scope', async (t) => {
    t.strictSame(parseTokenAnswer('{"access_token":"a"}'), { accessToken: 'a', refreshToken: null, expiresInMs: null, scopes: null, userId: null, teamId: null, isBearer: true })
  })

  for (const type of ['bearer', 'Bearer', undefined, null, '', 'Bearer Token', 'mac', 5]) t.ok(fieldsOf({ token_type: type }), `a pair is kept whatever token_type says: ${String(type)}`)

  const bad = ['', 'a b', 'a\r\nx: y', 'a\u0000', 'é', 5, null, undefined, ['a'], {}]
  for (const token of bad) {
    t.equal(fieldsOf({ access_token: token }), null, `access_token ${JSON.stringify(token)} is no token`)
    t.equal(fieldsOf({ refresh_token: token })?.refreshToken, null, `refresh_token ${JSON.stringify(token)} is none`)
  }

  const garbage = ['', '{', 'null', 'true', '5', '"text"', '[]', `[${JSON.stringify(documented)}]`, '<html></html>', 'access_token=a&token_type=bearer', null, undefined, 5, true, [], [documented], Buffer.from(JSON.stringify(documented))]
  for (const answer of garbage) t.equal(parseTokenAnswer(answer), null, `${typeof answer} ${String(answer).slice(0, 20)} is no token answer`)

  const whole = JSON.stringify(documented)
  t.ok(Array.from(whole, (_, length) => parseTokenAnswer(whole.slice(0, length))).every((answer) => answer === null), 'no prefix of an answer is an answer')
})

function answerOf (changes: Partial<TokenAnswer>): TokenAnswer {
  return { accessToken: 'access', refreshToken: 'refresh', expiresInMs: 3_599_000, scopes: null, userId: null, teamId: null, isBearer: true, ...changes }
}

t.test('toTokenPair', async (t) => {
  t.strictSame(toTokenPair(answerOf({}), now), { accessToken: 'access', refreshToken: 'refresh', issuedAt: now, expiresAt: now + 3_599_000 })
  t.equal(toTokenPair(answerOf({ refreshToken: null }), now, 'kept').refreshToken, 'kept', 'an answer without a refresh token keeps the old one')
  t.equal(toTokenPair(answerOf({}), now, 'kept').refreshToken, 'refresh')
  t.equal(toTokenPair(answerOf({ refreshToken: null }), now).refreshToken, null)

  const lifetimes: Array<[number | null, number, number | null]> = [
    // The lifetime in the answer, that of the pair with a refresh token, and that without one.
    [3_599_000, 3_599_000, 3_599_000],
    [null, 3_600_000, null],
    [1, 10_000, 1],
    [10_000, 10_000, 10_000],
    [86_400_000, 86_400_000, 86_400_000],
    [86_400_001, 86_400_000, 86_400_001],
    [5_184_000_000, 86_400_000, 5_184_000_000]
  ]
  for (const [expiresInMs, refreshable, final] of lifetimes) {
    t.equal(toTokenPair(answerOf({ expiresInMs }), now).expiresAt, now + refreshable, `${expiresInMs} ms with a refresh token`)
    t.equal(toTokenPair(answerOf({ expiresInMs, refreshToken: null }), now, 'kept').expiresAt, now + refreshable, `${expiresInMs} ms with a kept refresh token`)
    t.equal(toTokenPair(answerOf({ expiresInMs, refreshToken: null }), now).expiresAt, final === null ? null : now + final, `${expiresInMs} ms without a refresh token`)
  }
})

/** A pair of this lifetime. The last character of its access token decides when it falls due. */
function pairOf (lifeMs: number | null, last = '@'): TokenPair {
  return { accessToken: `access${last}`, refreshToken: 'refresh', issuedAt: now, expiresAt: lifeMs === null ? null : now + lifeMs }
}

t.test('tokenState', async (t) => {
  const hour = 60 * minuteMs
  const cases: Array<[string, TokenPair, number, string]> = [
    ['just issued', pairOf(hour), 0, 'fresh'],
    ['a millisecond before 80 %', pairOf(hour), 0.8 * hour - 1, 'fresh'],
    ['at 80 %, for the earliest token', pairOf(hour, '@'), 0.8 * hour, 'due'],
    ['at 80 %, for the latest token', pairOf(hour, '_'), 0.8 * hour, 'fresh'],
    ['before 90 %, for the latest token', pairOf(hour, '_'), 0.9 * hour - 1, 'due'],
    ['a millisecond before the margin of a minute', pairOf(hour), hour - minuteMs - 1, 'due'],
    ['a minute before the end', pairOf(hour), hour - minuteMs, 'expired'],
    ['at the end', pairOf(hour), hour, 'expired'],
    ['long after', pairOf(hour), 100 * hour, 'expired'],
    ['a short life just before its margin of a tenth', pairOf(10_000), 8999, 'due'],
    ['a short life at its margin', pairOf(10_000), 9000, 'expired'],
    ['ten minutes of life, where both margins meet', pairOf(10 * minuteMs), 9 * minuteMs, 'expired'],
    ['read by a clock that runs behind', pairOf(hour), -hour, 'fresh'],
    ['a lifetime of zero', pairOf(0), 0, 'expired'],
    ['expired before it was adopted', pairOf(-hour), 0, 'expired'],
    ['without an end, after a century', pairOf(null), 876_000 * hour, 'fresh']
  ]
  for (const [name, pair, at, expected] of cases) t.equal(tokenState(pair, now + at), expected, name)

  t.test('every token falls due between 80 and 90 % of its life, at a time of its own', async (t) => {
    const dues = Array.from({ length: 94 }, (_, index) => {
      const pair = pairOf(100_000, String.fromCharCode(0x21 + index))
      return Array.from({ length: 1001 }, (_, tenth) => tenth * 100).find((at) => tokenState(pair, now + at) !== 'fresh') ?? 0
    })
    t.ok(dues.every((at) => at >= 80_000 && at <= 90_000))
    t.ok(new Set(dues).size >= 32)
  })
})

t.test('hashRefreshToken: the hash names a refresh token without holding it', async (t) => {
  t.equal(hashRefreshToken('refresh'), '1swKCIwHaDxlzSZoYMq42Us6GTexdCDZ2jDKKZwJ-3c')
  t.not(hashRefreshToken('refresh'), hashRefreshToken('refresh2'))
  t.equal(hashRefreshToken(null), null)
})

t.test('parseRetryAfterMs', async (t) => {
  const cases: Array<[Record<string, string>, number | null]> = [
    [{}, null],
    [{ 'retry-after': '30' }, 30_000],
    [{ 'retry-after': ' 30 ' }, 30_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': new Date(now + 90_000).toUTCString() }, 90_000],
    [{ 'retry-after': new Date(now - 90_000).toUTCString() }, 0],
    [{ 'retry-after': 'Friday, 15-Jan-27 08:01:00 GMT' }, 60_000],
    [{ 'x-ratelimit-reset': String((now + 45_000) / 1000) }, 45_000],
    [{ 'x-ratelimit-reset': `${(now + 45_000) / 1000}.5` }, 45_500],
    [{ 'x-ratelimit-reset': String(now + 45_000) }, 45_000],
    [{ 'x-ratelimit-reset': String(now / 1000 - 45) }, 0],
    [{ 'x-ratelimit-reset': String(now - 45_000) }, 0],
    [{ 'x-ratelimit-reset': '0' }, 0],
    [{ 'retry-after': '30', 'x-ratelimit-reset': String(now / 1000 + 45) }, 30_000],
    ...['', 'soon', '-5', '1.5', '30s', '1e3', '9'.repeat(400), '9'.repeat(20), 'Sun, 99 Foo', 'Mon'].flatMap((garbage): Array<[Record<string, string>, number | null]> => [
      [{ 'retry-after': garbage }, null],
      [{ 'retry-after': garbage, 'x-ratelimit-reset': String(now / 1000 + 45) }, 45_000]
    ]),
    ...['', 'soon', '-5', '1e9', '0x10', '9'.repeat(400), '9'.repeat(20), 'NaN'].map((garbage): [Record<string, string>, null] => [{ 'x-ratelimit-reset': garbage }, null])
  ]
  for (const [headers, expected] of cases) {
    t.equal(
      parseRetryAfterMs(new Headers(headers), now),
      expected,
      JSON.stringify(headers).slice(0, 80)
    )
  }
})

const pairText = JSON.stringify(documented)
const miroEnvelope = '{"status":401,"code":"oauthError","message":"Invalid refresh token.","type":"error"}'

/** A body, and the verdict on it with a 2xx and with a 400 or 401. `html`: it is HTML under any content type. */
const bodies: Record<string, { body: string, success: Verdict['kind'], refusal: string, html?: boolean }> = {
  'a pair': { body: pairText, success: 'ok', refusal: 'unclear' },
  'a bare access token': { body: '{"access_token":"a"}', success: 'ok', refusal: 'unclear' },
  'a pair of another type': { body: '{"access_token":"a","token_type":"mac"}', success: 'ok', refusal: 'unclear' },
  'a pair that is cut off': { body: pairText.slice(0, -20), success: 'ambiguous', refusal: 'unclear' },
  nothing: { body: '', success: 'ambiguous', refusal: 'unclear' },
  'an empty object': { body: '{}', success: 'ambiguous', refusal: 'unclear' },
  null: { body: 'null', success: 'ambiguous', refusal: 'unclear' },
  'a list': { body: '[{"error":"invalid_grant"}]', success: 'ambiguous', refusal: 'unclear' },
  text: { body: 'invalid_grant', success: 'ambiguous', refusal: 'unclear' },
  'RFC invalid_grant': { body: '{"error":"invalid_grant","error_description":"x"}', success: 'ambiguous', refusal: 'rejected' },
  'RFC invalid_client': { body: '{"error":"invalid_client"}', success: 'ambiguous', refusal: 'config, secret' },
  'RFC unauthorized_client': { body: '{"error":"unauthorized_client"}', success: 'ambiguous', refusal: 'config, secret' },
  'RFC invalid_request': { body: '{"error":"invalid_request"}', success: 'ambiguous', refusal: 'unclear' },
  'RFC invalid_scope': { body: '{"error":"invalid_scope"}', success: 'ambiguous', refusal: 'unclear' },
  'an error that is no text': { body: '{"error":{"code":"invalid_grant"}}', success: 'ambiguous', refusal: 'unclear' },
  'invalid_grant in a message only': { body: '{"error":"server_error","error_description":"invalid_grant","message":"invalid_grant"}', success: 'ambiguous', refusal: 'unclear' },
  'Miro\'s envelope': { body: miroEnvelope, success: 'ambiguous', refusal: 'unclear' },
  'Miro\'s envelope with the RFC\'s word': { body: '{"status":400,"code":"invalid_grant","message":"x","type":"error"}', success: 'ambiguous', refusal: 'rejected' },
  'Miro\'s envelope for a wrong client': { body: '{"status":401,"code":"invalid_client","message":"x","type":"error"}', success: 'ambiguous', refusal: 'config, secret' },
  'Miro\'s envelope that quotes a page': { body: '{"status":400,"code":"x","message":"not <html>","type":"error"}', success: 'ambiguous', refusal: 'unclear' },
  'an HTML page': { body: '<!DOCTYPE html><html><body>Sign in to the network</body></html>', success: 'config', refusal: 'config', html: true },
  'an HTML page after white space': { body: '\n  <HTML>', success: 'config', refusal: 'config', html: true }
}

const contentTypes: Record<string, boolean> = {
  'application/json': false, 'application/json;charset=UTF-8': false, 'text/plain': false, '': false, 'text/html': true, 'Text/HTML; charset=utf-8': true
}

/** Every class of status, and which column of a body answers for it. */
const statuses: Array<[number[], 'success' | 'refusal' | 'other refusal' | 'throttled' | 'ambiguous' | 'config']> = [
  [[200, 201, 202, 203, 204, 206, 299], 'success'],
  [[100, 199, 300, 301, 302, 303, 304, 307, 308], 'config'],
  [[400, 401], 'refusal'],
  [[402, 403, 404, 405, 406, 409, 410, 413, 415, 418, 422, 451, 499], 'other refusal'],
  [[408, 425], 'ambiguous'],
  [[429], 'throttled'],
  [[500, 501, 502, 503, 504, 505, 520, 524, 599], 'ambiguous']
]

/** Beyond 400 and 401 only Miro's envelope is about the grant. */
function otherRefusal (refusal: string, body: string): string {
  if (refusal === 'config, secret') return refusal
  return body.includes('"type":"error"') ? 'unclear' : 'config'
}

function spell (verdict: Verdict): string {
  return verdict.kind === 'config' && verdict.secret ? 'config, secret' : verdict.kind
}

function answerWith (status: number, body: string, headers: Record<string, string> = {}): RawAnswer {
  return { kind: 'answer', status, headers: new Headers(headers), body }
}

t.test('classify: every status with every body under every content type', async (t) => {
  for (const [group, meaning] of statuses) {
    t.test(`${group.join(', ')}: ${meaning}`, async (t) => {
      for (const [name, { body, success, refusal, html = false }] of Object.entries(bodies)) {
        const wrong = []
        for (const status of group) {
          for (const [type, isHtml] of Object.entries(contentTypes)) {
            const column: Record<typeof meaning, string> = {
              success: isHtml && success === 'ambiguous' ? 'config' : success,
              refusal: isHtml || html ? 'config' : refusal,
              throttled: 'throttled',
              ambiguous: 'ambiguous',
              config: 'config',
              'other refusal': isHtml || html ? 'config' : otherRefusal(refusal, body)
            }
            const got = spell(classify(answerWith(status, body, type === '' ? {} : { 'content-type': type }), now))
            if (got !== column[meaning]) wrong.push({ status, type, got, expected: column[meaning] })
          }
        }
        t.strictSame(wrong, [], name)
      }
    })
  }
})

t.test('classify: examples', async (t) => {
  const examples: Array<[string, RawAnswer, Verdict]> = [
    ['a request that was not sent costs nothing', { kind: 'not-sent', cause: null }, { kind: 'not-sent', errorCode: null }],
    ['no answer is ambiguous', { kind: 'no-answer', cause: null }, { kind: 'ambiguous', status: null, errorCode: null }],
    ['a pair in a page that calls itself HTML is a pair', answerWith(200, '{"access_token":"a"}', { 'content-type': 'text/html' }), { kind: 'ok', answer: answerOf({ accessToken: 'a', refreshToken: null, expiresInMs: null }) }],
    ['a success that is cut off may have rotated the pair', answerWith(200, pairText.slice(0, 100), { 'content-type': 'application/json' }), { kind: 'ambiguous', status: 200, errorCode: null }],
    ['a success without a body may have rotated the pair', answerWith(204, ''), { kind: 'ambiguous', status: 204, errorCode: null }],
    ['a captive portal says nothing about the grant', answerWith(200, '<html>', { 'content-type': 'text/html' }), { kind: 'config', secret: false, status: 200 }],
    ['a firewall\'s page says nothing about the grant', answerWith(401, '<html>invalid_grant', { 'content-type': 'text/html' }), { kind: 'config', secret: false, status: 401 }],
    ['a redirect is not followed', answerWith(302, '', { location: 'https://api.miro.com/' }), { kind: 'config', secret: false, status: 302 }],
    ['a refusal in the RFC\'s words is one', answerWith(400, '{"error":"invalid_grant"}'), { kind: 'rejected' }],
    ['Miro\'s own 401 is unclear', answerWith(401, miroEnvelope), { kind: 'unclear', status: 401 }],
    ['an empty 400 is unclear', answerWith(400, ''), { kind: 'unclear', status: 400 }],
    ['Miro\'s own 403 is about this grant', answerWith(403, miroEnvelope), { kind: 'unclear', status: 403 }],
    ['Miro\'s own 404 is about this grant', answerWith(404, miroEnvelope), { kind: 'unclear', status: 404 }],
    ['Miro\'s envelope needs no code', answerWith(403, '{"type":"error","message":"x"}'), { kind: 'unclear', status: 403 }],
    ['Miro\'s envelope needs no type', answerWith(403, '{"code":"tokenNotFound","message":"x"}'), { kind: 'unclear', status: 403 }],
    ['an envelope without a message is not Miro\'s', answerWith(403, '{"code":"x","type":"error"}'), { kind: 'config', secret: false, status: 403 }],
    ['nor is one whose message is no text', answerWith(403, '{"code":"x","type":"error","message":5}'), { kind: 'config', secret: false, status: 403 }],
    ['nor one whose code is no text', answerWith(403, '{"code":5,"message":"x"}'), { kind: 'config', secret: false, status: 403 }],
    ['nor one of another type', answerWith(403, '{"type":"warning","message":"x"}'), { kind: 'config', secret: false, status: 403 }],
    ['a 404 of another server is about the way to Miro', answerWith(404, '{"message":"Not Found"}'), { kind: 'config', secret: false, status: 404 }],
    ['a 403 in the RFC\'s words is about the way to Miro', answerWith(403, '{"error":"invalid_grant"}'), { kind: 'config', secret: false, status: 403 }],
    ['a network error is named by its code', { kind: 'no-answer', cause: new Error('x', { cause: errorWith('ECONNRESET') }) }, { kind: 'ambiguous', status: null, errorCode: 'ECONNRESET' }],
    ['a wrong secret is the app\'s fault', answerWith(401, '{"error":"invalid_client"}'), { kind: 'config', secret: true, status: 401 }],
    ['a throttled request waits as long as it is told', answerWith(429, miroEnvelope, { 'x-ratelimit-reset': String(now / 1000 + 45) }), { kind: 'throttled', retryAfterMs: 45_000 }],
    ['a throttled request may not be told how long', answerWith(429, ''), { kind: 'throttled', retryAfterMs: null }],
    ['a server\'s error is ambiguous, even in the words of a refusal', answerWith(500, '{"error":"invalid_grant"}'), { kind: 'ambiguous', status: 500, errorCode: null }],
    ['the RFC\'s error goes before Miro\'s code', answerWith(400, '{"error":"invalid_client","code":"invalid_grant"}'), { kind: 'config', secret: true, status: 400 }]
  ]
  for (const [name, raw, expected] of examples) t.strictSame(classify(raw, now), expected, name)
})

t.test('classify: a verdict tells the status and network error behind it', async (t) => {
  const failures: Array<[Parameters<typeof failureOf>[0], ReturnType<typeof failureOf>]> = [
    [{ kind: 'not-sent', errorCode: 'ECONNREFUSED' }, { status: null, errorCode: 'ECONNREFUSED' }],
    [{ kind: 'throttled', retryAfterMs: 5 }, { status: 429, errorCode: null }],
    [{ kind: 'ambiguous', status: null, errorCode: 'ECONNRESET' }, { status: null, errorCode: 'ECONNRESET' }],
    [{ kind: 'ambiguous', status: 503, errorCode: null }, { status: 503, errorCode: null }],
    [{ kind: 'unclear', status: 401 }, { status: 401, errorCode: null }],
    [{ kind: 'config', secret: true, status: 400 }, { status: 400, errorCode: null }]
  ]
  for (const [verdict, expected] of failures) t.strictSame(failureOf(verdict), expected, verdict.kind)
})

function errorWith (code: unknown, cause?: unknown): Error {
  return Object.assign(new Error('failed', cause === undefined ? undefined : { cause }), code === undefined ? {} : { code })
}

t.test('neverSent', async (t) => {
  const refused = errorWith('ECONNREFUSED')
  const reset = errorWith('ECONNRESET')
  const self = errorWith(undefined)
  self.cause = self
  const circle = new TypeError('fetch failed', { cause: new AggregateError([]) })
  Object.assign(circle.cause ?? {}, { cause: circle, errors: [circle, circle] })
  const { stackTraceLimit } = Error
  // A stack takes more time than all that looks at it.
  Error.stackTraceLimit = 0
  const deep = Array.from({ length: 100_000 }).reduce<Error>((cause) => new Error('wrapped', { cause }), refused)
  Error.stackTraceLimit = stackTraceLimit

  const cases: Array<[string, unknown, boolean]> = [
    ...['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'ERR_TLS_CERT_ALTNAME_INVALID']
      .map((code): [string, unknown, boolean] => [code, errorWith(code), true]),
    ...['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ABORT_ERR', 'EPROTO', 'SOMETHING_NEW', '', 5, null]
      .map((code): [string, unknown, boolean] => [`code ${String(code)}`, errorWith(code), false]),
    ['a reason under fetch\'s own error', new TypeError('fetch failed', { cause: refused }), true],
    ['a reason under an unknown code', errorWith('ERR_WRAPPED', refused), true],
    ['a reason three levels down', new Error('a', { cause: new Error('b', { cause: new Error('c', { cause: refused }) }) }), true],
    ['a reset under fetch\'s own error', new TypeError('fetch failed', { cause: reset }), false],
    ['all addresses refused', new TypeError('fetch failed', { cause: new AggregateError([refused, errorWith('ENETUNREACH')]) }), true],
    ['one address reset', new TypeError('fetch failed', { cause: new AggregateError([refused, reset]) }), false],
    ['one address reset, under a code that speaks for all', Object.assign(new AggregateError([refused, reset]), { code: 'ECONNREFUSED' }), false],
    ['the same failure for every address', new AggregateError([refused, refused]), true],
    ['an aggregate of aggregates', new AggregateError([new AggregateError([refused]), refused]), true],
    ['an aggregate of nothing', new AggregateError([]), false],
    ['an aggregate of nothing, with a code', Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), true],
    ['an aggregate of something else', new AggregateError(['ECONNREFUSED', refused]), false],
    ['an abort', new DOMException('This operation was aborted', 'AbortError'), false],
    ['an error that causes itself', self, false],
    ['errors in a circle', circle, false],
    ['errors nested without end', deep, false],
    ['a text', 'ECONNREFUSED', false],
    ['no error but its shape', { code: 'ECONNREFUSED' }, false],
    ['nothing', undefined, false]
  ]
  const connecting = (code: string): Error => Object.assign(new Error(`connect ${code}`), { code, syscall: 'connect' })
  const happyEyeballs = new AggregateError([connecting('ETIMEDOUT'), connecting('ENETUNREACH')], '')
  const cutHandshake = Object.assign(new Error('Client network socket disconnected before secure TLS connection was established'), { code: 'ECONNRESET' })
  cases.push(
    ['all addresses of a host time out at connect', new TypeError('fetch failed', { cause: happyEyeballs }), true],
    ['a connect times out', connecting('ETIMEDOUT'), true],
    ['a read times out', Object.assign(new Error('read'), { code: 'ETIMEDOUT', syscall: 'read' }), false],
    ['one of two addresses was reached', new AggregateError([connecting('ETIMEDOUT'), connecting('ECONNRESET')], ''), false],
    ['a TLS handshake is cut off', new TypeError('fetch failed', { cause: cutHandshake }), true],
    ['an open connection is reset', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' }), false]
  )
  for (const [name, error, expected] of cases) t.equal(neverSent(error), expected, name)
})

interface Sent { url: string, init: RequestInit }

/** Endpoints whose `fetch` is `answer`, and the requests that were sent. */
function endpointOf (answer: Fetch, clock = createFakeClock()): {
  endpoint: OAuthEndpoints
  sent: Sent[]
  clock: typeof clock
} {
  const sent: Sent[] = []
  const fetch: Fetch = (url, init) => {
    sent.push({ url, init })
    return answer(url, init)
  }
  const client = { clientId: 'the client', clientSecret: 'the+secret', apiUrl: 'https://api.miro.com' }
  return { endpoint: new OAuthEndpoints(client, { fetch, clock, timeoutMs: 100_000 }), sent, clock }
}

t.test('OAuth endpoints:', async (t) => {
  t.test('send credentials in the body only, follow no redirect, and read the answer as text', async (t) => {
    const { endpoint, sent } = endpointOf(async () => new Response(`\ufeff${pairText}`, { status: 200, headers: { 'x-a': 'b' } }))
    const raw = await endpoint.refresh('old/token')
    await endpoint.revoke('an access token')
    await endpoint.tokenContext('an access token')
    const [refresh, revoke, context] = sent

    t.equal(refresh?.url, 'https://api.miro.com/v1/oauth/token')
    t.equal(refresh?.init.method, 'POST')
    t.ok(refresh?.init.body instanceof URLSearchParams)
    t.equal(String(refresh?.init.body), 'grant_type=refresh_token&client_id=the+client&client_secret=the%2Bsecret&refresh_token=old%2Ftoken')
    t.equal(raw.kind === 'answer' && raw.body, pairText)
    t.equal(raw.kind === 'answer' && raw.headers.get('x-a'), 'b')

    t.equal(revoke?.url, 'https://api.miro.com/v2/oauth/revoke')
    t.equal(revoke?.init.method, 'POST')
    t.equal(new Headers(revoke?.init.headers).get('content-type'), 'application/json')
    t.equal(revoke?.init.body, '{"accessToken":"an access token","clientId":"the client","clientSecret":"the+secret"}')

    t.equal(context?.url, 'https://api.miro.com/v1/oauth-token')
    t.equal(context?.init.method ?? 'GET', 'GET')
    t.equal(new Headers(context?.init.headers).get('authorization'), 'Bearer an access token')
    for (const { init } of sent) {
      t.equal(init.redirect, 'manual')
      t.equal(new Headers(init.headers).get('accept'), 'application/json')
    }
  })

  t.test('tell a request that was never sent from one without an answer', async (t) => {
    const refused = new TypeError('fetch failed', { cause: errorWith('ECONNREFUSED') })
    t.strictSame(await endpointOf(async () => { throw refused }).endpoint.refresh('r'), { kind: 'not-sent', cause: refused })
    const reset = new TypeError('fetch failed', { cause: errorWith('ECONNRESET') })
    t.strictSame(await endpointOf(async () => { throw reset }).endpoint.refresh('r'), { kind: 'no-answer', cause: reset })
    t.equal((await endpointOf(() => { throw refused }).endpoint.refresh('r')).kind, 'not-sent', 'a fetch that throws at once')
  })

  t.test('give up at the timeout, before headers or in the body, whether or not fetch heeds its signal', async (t) => {
    const answers: Record<string, Fetch> = {
      'no headers': (_url, init) => new Promise((_resolve, reject) => { init.signal?.addEventListener('abort', () => reject(init.signal?.reason)) }),
      'no end of the body': async () => new Response(new ReadableStream({ start (controller) { controller.enqueue(new TextEncoder().encode('{')) } }))
    }
    for (const [name, answer] of Object.entries(answers)) {
      const { endpoint, clock } = endpointOf(answer)
      let raw: RawAnswer | undefined
      endpoint.refresh('r').then((result) => { raw = result }, () => {})
      await clock.advance(99_999)
      t.equal(raw, undefined, name)
      await clock.advance(1)
      await clock.advance(0)
      t.equal(raw?.kind, 'no-answer', name)
    }
  })

  t.test('take a failure while the body is read for a lost answer', async (t) => {
    const failing = new ReadableStream({ start (controller) { controller.error(errorWith('ECONNRESET')) } })
    t.equal((await endpointOf(async () => new Response(failing)).endpoint.refresh('r')).kind, 'no-answer')
  })

  t.test('stop the timer with the answer', async (t) => {
    const { endpoint, sent, clock } = endpointOf(async () => new Response('{}'))
    await endpoint.refresh('r')
    await clock.advance(1_000_000)
    t.equal(sent[0]?.init.signal?.aborted, false)
  })

  t.test('give a process that was paused one more second for an answer that may be waiting', async (t) => {
    const { endpoint, sent, clock } = endpointOf(() => new Promise(() => {}))
    endpoint.refresh('r').catch(() => {})
    clock.jump(200_000)
    await clock.advance(0)
    t.equal(sent[0]?.init.signal?.aborted, false)
    await clock.advance(1000)
    await clock.advance(0)
    t.equal(sent[0]?.init.signal?.aborted, true)
  })
})

t.test('readText', async (t) => {
  const { signal } = new AbortController()
  const maxBytes = 65_536
  const chunked = (size: number, chunks: number): Response => {
    let sent = 0
    return new Response(new ReadableStream({
      pull (controller) {
        if (sent++ === chunks) controller.close()
        else controller.enqueue(new Uint8Array(size).fill(0x61))
      }
    }))
  }
  t.equal(await readText(new Response(null), { signal, maxBytes }), '')
  t.equal(await readText(new Response('日本 😀'), { signal, maxBytes }), '日本 😀')
  const split = new TextEncoder().encode('😀')
  t.equal(await readText(new Response(new ReadableStream({
    start (controller) {
      controller.enqueue(split.slice(0, 2))
      controller.enqueue(split.slice(2))
      controller.close()
    }
  })), { signal, maxBytes }), '😀', 'a character in two chunks')
  t.equal((await readText(chunked(65_536, 1), { signal, maxBytes })).length, 65_536)
  await t.rejects(readText(chunked(65_537, 1), { signal, maxBytes }), { message: 'The body is too long.' })
  await t.rejects(readText(chunked(1024, Infinity), { signal, maxBytes }), { message: 'The body is too long.' }, 'a body without an end')
  await t.rejects(readText(new Response('a'), { signal: AbortSignal.abort(new Error('over')), maxBytes }), { message: 'over' })
})

t.test('system clock: an abort ends a wait, and now() is epoch milliseconds', async (t) => {
  const before = systemClock.monotonic()
  await systemClock.wait(1_000_000, AbortSignal.abort())
  const cut = new AbortController()
  const wait = systemClock.wait(1_000_000, cut.signal)
  cut.abort()
  await wait
  await systemClock.wait(1)
  t.ok(systemClock.monotonic() >= before)
  t.ok(Math.abs(systemClock.now() - new Date().getTime()) < 60_000)
})
