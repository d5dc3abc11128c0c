import { inspect } from 'node:util'
import t from 'tap'
import { createMiroClient } from '../src/index.js'
import { createWorld, json } from './fixtures/fake-miro.js'

const redirectUri = 'https://app.test/callback?from=miro'

t.test('authorizeUrl: an authorization request of RFC 6749, encoded, over what the page\'s address has', async (t) => {
  const url = new URL(createWorld().process().authorizeUrl({ state: 'a state&x=1', redirectUri, teamId: '7' }))
  t.equal(url.origin + url.pathname, 'https://miro.com/oauth/authorize')
  t.strictSame(Object.fromEntries(url.searchParams), {
    response_type: 'code', client_id: '3458764500000000001', redirect_uri: redirectUri, state: 'a state&x=1', team_id: '7'
  })
  const endpoints = { authorizeUrl: 'http://localhost:4100/oauth/authorize?x=1' }
  const codeChallenge = 'x'.repeat(43)
  const other = new URL(createWorld().process({ endpoints }).authorizeUrl({ state: 's', redirectUri, codeChallenge }))
  t.match(other.href, /^http:\/\/localhost:4100\/oauth\/authorize\?x=1&response_type=code&/)
  t.equal(other.searchParams.get('code_challenge'), codeChallenge)
  t.equal(other.searchParams.get('code_challenge_method'), 'S256')
  t.equal(other.searchParams.has('team_id'), false)
})

t.test('authorizeUrl: a request without a state, or with a part that cannot be one, is MIRO_CONFIG', async (t) => {
  const auth = createWorld().process()
  for (const request of [
    { redirectUri }, { state: '', redirectUri }, { state: 's' }, { state: 's', redirectUri: '' },
    { state: 's', redirectUri, teamId: 7 }, { state: 's', redirectUri, codeChallenge: 'short' }
  ]) t.throws(() => auth.authorizeUrl(request as never), { code: 'MIRO_CONFIG' }, JSON.stringify(request))
  t.throws(() => createWorld().process({ endpoints: { authorizeUrl: 'http://miro.example/' } }), { code: 'MIRO_CONFIG' })
})

t.test('createMiroClient: acts with its one token, and says so when Miro refuses it', async (t) => {
  let status = 200
  const seen: Array<string | null> = []
  const miro = createMiroClient({
    accessToken: 'the-one-token',
    fetch: async (_url, init) => {
      seen.push(new Headers(init?.headers).get('authorization'))
      return json(status, status === 200 ? { data: [], total: 0, size: 0, offset: 0 } : { status, code: 'x', message: 'no', type: 'error' })
    }
  })
  t.same((await miro.boards.list()).data, [])
  status = 401
  const error: unknown = await miro.boards.list().catch((error: unknown) => error)
  t.match(error, { code: 'MIRO_API', miroStatus: 401 })
  t.equal((await miro.fetch('/v2/boards')).status, 401)
  t.equal(await miro.accessToken(), 'the-one-token')
  t.same(seen, Array(3).fill('Bearer the-one-token'), 'nothing is refreshed or asked twice')
  t.notMatch(inspect([miro, error], { depth: 9, showHidden: true }), 'the-one-token')
  await t.rejects(miro.fetch('https://evil.example/'), { code: 'MIRO_FOREIGN_ORIGIN' })
})

t.test('createMiroClient: a wrong option is MIRO_CONFIG, with its name and without its value', async (t) => {
  for (const [options, name] of [
    [{}, 'accessToken'], [{ accessToken: 'a b' }, 'accessToken'], [{ accessToken: 'a', token: 1 }, 'token'],
    [{ accessToken: 'a', endpoints: { apiUrl: 'http://x.example' } }, 'endpoints.apiUrl'],
    [{ accessToken: 'a', api: { callMs: 0 } }, 'api.callMs'], [{ accessToken: 'a', fetch: 1 }, 'fetch']
  ] as const) t.throws(() => createMiroClient(options as never), { code: 'MIRO_CONFIG', message: new RegExp(name) })
})
