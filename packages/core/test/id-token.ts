import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { inspect } from 'node:util'
import t from 'tap'
import { createMiroAuth, memoryStore, MiroError, type IdToken } from '../src/index.js'
import { createFakeClock } from '../src/testing/index.js'

const clientId = '3458764510000000003'
const secret = 'planted-client-secret-of-32-chars'
const clock = createFakeClock()
const seconds = Math.floor(clock.now() / 1000)
const user = '3458764520000000003'
const team = '9223372036854775807'
const claims = { sub: clientId, iss: 'miro', team, user, exp: seconds + 300, iat: seconds }
const auth = createMiroAuth({ clientId, clientSecret: secret, store: memoryStore(), clock })

/** A JWT with these exact texts. */
function tokenOf (payload: object | string = claims, { header = { alg: 'HS256', typ: 'JWT' }, key = secret }: {
  header?: object | string
  key?: string
} = {}): string {
  const encode = (part: object | string): string => Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
}

/** What the token is refused with; the identity where it is not. */
async function judge (token: unknown, given = auth): Promise<string | IdToken> {
  try {
    return await given.verifyIdToken(token)
  } catch (error) {
    if (!(error instanceof MiroError) || error.statusCode !== 401) throw error
    const shown = inspect(error, { showHidden: true, depth: 5 })
    if (typeof token === 'string' && token !== '' && shown.includes(token.slice(-20))) throw new Error('It shows the token.')
    return error.code.replace('MIRO_ID_TOKEN_', '')
  }
}

t.test('id token: one that Miro signed tells user, team and times', async (t) => {
  const expected = { userId: user, teamId: team, issuedAt: seconds * 1000, expiresAt: (seconds + 300) * 1000 }
  t.same(await judge(tokenOf()), expected)
  t.same(await judge(tokenOf(claims, { header: { alg: 'HS256' } })), expected, 'without a type')
  t.same(await judge(tokenOf(claims, { header: { alg: 'HS256', typ: 'JWT', kid: 'any' } })), expected, 'a name of the key decides nothing')
  const numbers = `{"sub":"${clientId}","team":${team},"user":${user},"exp":${seconds + 300}}`
  t.same(await judge(tokenOf(numbers)), { ...expected, issuedAt: null }, 'ids as 64-bit numbers are exact')
  t.same(await judge(tokenOf(numbers.replace(`"${clientId}"`, clientId))), { ...expected, issuedAt: null })
})

t.test('id token: a missing one is told as missing', async (t) => {
  for (const token of [undefined, null, '']) t.equal(await judge(token), 'MISSING')
})

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })

function rs256 (): string {
  const input = tokenOf(claims, { header: { alg: 'RS256', typ: 'JWT' } }).split('.').slice(0, 2).join('.')
  return `${input}.${sign('sha256', Buffer.from(input), rsa.privateKey).toString('base64url')}`
}

const [head = '', body = '', signature = ''] = tokenOf().split('.')
const without = ({ ...rest }: Record<string, unknown>, name: string): object => {
  delete rest[name]
  return rest
}

const invalid: Record<string, unknown> = {
  'no text': 5,
  'an object': { token: tokenOf() },
  'a list': [tokenOf()],
  'no token': 'planted',
  'a space before it': ` ${tokenOf()}`,
  'with its scheme': `Bearer ${tokenOf()}`,
  'two signatures': `${tokenOf()}.${signature}`,
  'no signature': `${head}.${body}.`,
  'no payload': `${head}..${signature}`,
  'longer than 8 KB': tokenOf({ ...claims, note: 'x'.repeat(8192) }),
  'another secret': tokenOf(claims, { key: 'another-client-secret-of-32-chars' }),
  'a changed payload': `${head}.${Buffer.from(JSON.stringify({ ...claims, user: '1' })).toString('base64url')}.${signature}`,
  'a changed signature': `${head}.${body}.${signature.replace(/^./, (first) => first === 'A' ? 'B' : 'A')}`,
  'another spelling of its signature': `${head}.${body}.${signature.slice(0, -1)}${String.fromCharCode(signature.charCodeAt(signature.length - 1) + 1)}`,
  'padding behind its signature': `${tokenOf()}=`,
  'alg none': tokenOf(claims, { header: { alg: 'none' } }),
  'alg none without a signature': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`,
  'alg HS512 by its header': tokenOf(claims, { header: { alg: 'HS512' } }),
  'alg in lower case': tokenOf(claims, { header: { alg: 'hs256' } }),
  'no alg': tokenOf(claims, { header: { typ: 'JWT' } }),
  'RS256, with a key of its own': rs256(),
  'RS256, signed with the secret': tokenOf(claims, { header: { alg: 'RS256' } }),
  'alg twice': tokenOf(claims, { header: '{"alg":"HS256","alg":"HS256"}' }),
  'a critical extension': tokenOf(claims, { header: { alg: 'HS256', crit: ['b64'], b64: true } }),
  'an empty list of critical extensions': tokenOf(claims, { header: { alg: 'HS256', crit: [] } }),
  'a token in the token': tokenOf(claims, { header: { alg: 'HS256', cty: 'JWT' } }),
  'another type': tokenOf(claims, { header: { alg: 'HS256', typ: 'at+jwt' } }),
  'an object in its header': tokenOf(claims, { header: { alg: 'HS256', jwk: { kty: 'oct' } } }),
  'a payload that is no JSON': tokenOf('planted'),
  'a payload that is a list': tokenOf([claims]),
  'a payload that is not UTF-8': `${head}.${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.${signature}`,
  'an object in its payload': tokenOf({ ...claims, context: { user: '1' } }),
  'an object in a list': tokenOf({ ...claims, list: [[{ user: '1' }]] }),
  'user twice, the same': tokenOf(JSON.stringify(claims).replace('"user"', `"user":"${user}","user"`)),
  'user twice, another': tokenOf(JSON.stringify(claims).replace('"user"', '"user":"1","user"')),
  'user twice, once escaped': tokenOf(JSON.stringify(claims).replace('"user"', `"us\\u0065r":"${user}","user"`)),
  'exp twice': tokenOf(JSON.stringify(claims).replace('"exp"', '"exp":9999999999,"exp"')),
  'no exp': tokenOf(without(claims, 'exp')),
  'exp as a text': tokenOf({ ...claims, exp: String(claims.exp) }),
  'exp in milliseconds': tokenOf({ ...claims, exp: claims.exp * 1000 }),
  'exp null': tokenOf({ ...claims, exp: null }),
  'exp without end': tokenOf(JSON.stringify(claims).replace(String(claims.exp), '1e400')),
  'no user': tokenOf(without(claims, 'user')),
  'no team': tokenOf(without(claims, 'team')),
  'no sub': tokenOf(without(claims, 'sub')),
  'user null': tokenOf({ ...claims, user: null }),
  'user empty': tokenOf({ ...claims, user: '' }),
  'user a list': tokenOf({ ...claims, user: [user] }),
  'user with a fraction': tokenOf({ ...claims, user: 1.5 }),
  'user below zero': tokenOf({ ...claims, user: -5 }),
  'user true': tokenOf({ ...claims, user: true }),
  'user as two': tokenOf({ ...claims, user: `${user}:${team}` }),
  'team with white space': tokenOf({ ...claims, team: ` ${team}` }),
  'iat as a text': tokenOf({ ...claims, iat: 'planted' }),
  'issued 61 s ahead': tokenOf({ ...claims, iat: seconds + 61 }),
  'not before 61 s from now': tokenOf({ ...claims, nbf: seconds + 61 })
}

for (const [name, token] of Object.entries(invalid)) {
  t.test(`id token: ${name} is invalid`, async (t) => t.equal(await judge(token), 'INVALID'))
}

t.test('id token: it is taken until 60 s after its end, and from 60 s before its begin', async (t) => {
  t.type(await judge(tokenOf({ ...claims, exp: seconds - 59 })), 'object')
  t.equal(await judge(tokenOf({ ...claims, exp: seconds - 61 })), 'EXPIRED')
  t.type(await judge(tokenOf({ ...claims, iat: seconds + 59 })), 'object')
  t.type(await judge(tokenOf({ ...claims, nbf: seconds + 59 })), 'object')
})

t.test('id token: another app\'s is told as such, expired or not', async (t) => {
  t.equal(await judge(tokenOf({ ...claims, sub: '1' })), 'CLIENT_MISMATCH')
  t.equal(await judge(tokenOf({ ...claims, sub: '1', exp: seconds - 500 })), 'CLIENT_MISMATCH')
  t.equal(await judge(tokenOf({ ...claims, sub: `${clientId} ` })), 'INVALID')
})

t.test('id token: while the client secret is changed, tokens of both verify, and the first is sent to Miro', async (t) => {
  const sent: string[] = []
  const both = createMiroAuth({
    clientId,
    clientSecret: ['the-new-client-secret-of-the-app', secret],
    store: memoryStore(),
    clock,
    fetch: async (_url, init) => {
      sent.push(String(init?.body))
      return new Response('{}', { status: 400 })
    }
  })
  t.type(await judge(tokenOf(), both), 'object')
  t.type(await judge(tokenOf(claims, { key: 'the-new-client-secret-of-the-app' }), both), 'object')
  t.equal(await judge(tokenOf(claims, { key: 'a-third-client-secret-of-the-app' }), both), 'INVALID')
  await both.exchange('code', { redirectUri: 'https://app.example/callback' }).catch(() => {})
  t.match(sent[0], 'the-new-client-secret-of-the-app')
  t.notMatch(sent[0], secret)
  for (const clientSecret of [[], [secret, ''], ['', secret], [secret, 5]]) {
    t.throws(() => createMiroAuth({ clientId, clientSecret: clientSecret as string[], store: memoryStore() }), { code: 'MIRO_CONFIG', message: /clientSecret/ })
  }
})
