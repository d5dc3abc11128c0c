import t from 'tap'
import { memoryStore, type GrantEntry, type MiroAuth } from '../src/index.js'
import { grantKey } from '../src/grant/grant.js'
import { createWorld, json, ref } from './fixtures/fake-miro.js'

const redirectUri = 'https://app.test/auth/miro/callback'
const hour = 3_600_000
const teamOf = (userId: string) => ({ ...ref, userId })

/** All pages of `allGrants`. */
async function collect (auth: MiroAuth, limit?: number): Promise<GrantEntry[]> {
  const entries: GrantEntry[] = []
  for (let cursor: string | undefined; ;) {
    const page = await auth.allGrants({ ...limit !== undefined && { limit }, cursor })
    entries.push(...page.grants)
    if (page.cursor === undefined) return entries
    cursor = page.cursor
  }
}

t.test('status: each grant of a user with its state, and none that was disconnected', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  for (const userId of ['1', '2', '3']) await auth.connect(miro.issue(userId), { appUserId: 'ada' })
  await auth.disconnect(teamOf('2'))
  await clock.advance(2 * hour)
  miro.answer = ({ path }) => path === '/v1/oauth/token' ? json(400, { error: 'invalid_grant' }) : undefined
  await t.rejects(auth.accessToken(teamOf('3')), { code: 'MIRO_REAUTHORIZE' })
  const requests = miro.requests.length
  const status = await auth.status('ada', { requiredScopes: ['boards:read', 'team:read'] })
  t.match(status, [
    { grant: teamOf('3'), state: 'needs_reauthorization', reason: 'refused' },
    { grant: teamOf('1'), state: 'connected', reason: null, missingScopes: ['team:read'] }
  ])
  t.equal(status.length, 2)
  t.equal(miro.requests.length, requests, 'it asks Miro nothing')
  t.same(await auth.status('nobody'), [])
  t.notMatch(JSON.stringify(status), /token/i)
})

t.test('clientsOf: a client for each active grant, which ends with its consent', async (t) => {
  const { process, miro } = createWorld()
  const auth = process()
  for (const userId of ['1', '2']) await auth.connect(miro.issue(userId), { appUserId: 'ada' })
  await auth.disconnect(teamOf('2'))
  const clients = await auth.clientsOf('ada')
  t.match(clients.map((found) => found.ref), [teamOf('1')])
  const client = clients[0]?.client ?? auth.client(ref)
  t.type(await client.accessToken(), 'string')
  await auth.disconnect(teamOf('1'))
  await auth.connect(miro.issue('1'), { appUserId: 'ben' })
  await t.rejects(client.accessToken(), { code: 'MIRO_NOT_CONNECTED' })
})

t.test('allGrants: every grant with its state and users, page by page, and no token', async (t) => {
  const { process, miro, store, clock } = createWorld()
  const auth = process()
  for (const userId of ['1', '2', '3', '4', '5']) await auth.connect(miro.issue(userId), { appUserId: `user ${userId}` })
  await auth.connect(miro.issue('1'), { appUserId: 'another' })
  await auth.disconnect(teamOf('2'))
  miro.answer = ({ form }) => form.get('grant_type') === 'authorization_code' ? new Response(miro.issue('6')) : undefined
  await auth.exchange('a code', { redirectUri, provisional: true })
  await clock.advance(2 * hour)
  miro.answer = ({ path }) => path === '/v1/oauth/token' ? json(400, { error: 'invalid_grant' }) : undefined
  await t.rejects(auth.accessToken(teamOf('3')), { code: 'MIRO_REAUTHORIZE' })
  const key = grantKey('3458764500000000001', teamOf('4'))
  await store.cas(key, (await store.get(key))?.version ?? null, { body: '{', expiresAt: null })

  for (const limit of [undefined, 1, 2, 1000]) {
    const entries = (await collect(auth, limit)).sort((a, b) => a.ref.userId.localeCompare(b.ref.userId))
    t.match(entries, [
      { ref: teamOf('1'), state: 'active', reason: null, grant: teamOf('1'), appUserIds: ['user 1', 'another'] },
      { ref: teamOf('3'), state: 'rejected', reason: 'refused', appUserIds: ['user 3'] },
      { ref: teamOf('4'), state: 'unreadable', reason: null, grant: null, appUserIds: [], usedAt: null },
      { ref: teamOf('5'), state: 'active' },
      { ref: teamOf('6'), state: 'provisional', appUserIds: [] }
    ])
    t.equal(entries.length, 5)
    t.notMatch(JSON.stringify(entries), /token/i)
  }
})

t.test('allGrants: an active grant that rests after an unclear refusal has the reason that its person is told', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(miro.issue('1'), { appUserId: 'ada' })
  await clock.advance(2 * hour)
  miro.answer = ({ path }) => path === '/v1/oauth/token' ? json(401, { type: 'error', code: 'oauthError' }) : undefined
  // The first refusal may be the app's fault.
  await t.rejects(auth.accessToken(teamOf('1')), { code: 'MIRO_UNAVAILABLE' })
  t.match(await collect(auth), [{ state: 'active', reason: null }])
  await clock.advance(hour)
  await t.rejects(auth.accessToken(teamOf('1')), { code: 'MIRO_REAUTHORIZE', reason: 'unclear' })
  t.match(await auth.status('ada'), [{ state: 'needs_reauthorization', reason: 'unclear' }])
  t.match(await collect(auth), [{ state: 'active', reason: 'unclear', appUserIds: ['ada'] }])
})

t.test('status: a token that is not over, and that Miro refuses with its refresh, is shown as its calls would fail', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(miro.issue('1'), { appUserId: 'ada' })
  miro.answer = ({ path }) => json(401, { type: 'error', code: path === '/v1/oauth/token' ? 'oauthError' : 'tokenNotProvided' })
  const call = auth.client(teamOf('1')).boards.list()
  await t.rejects(call, { code: 'MIRO_REAUTHORIZE', reason: 'unclear' })
  t.match(await auth.status('ada'), [{ state: 'needs_reauthorization', reason: 'unclear' }])
  t.match(await collect(auth), [{ state: 'active', reason: 'unclear' }])
  await clock.advance(hour)
  t.match(await auth.status('ada'), [{ state: 'connected' }], 'once it may be asked for again')
})

t.test('allGrants: a wrong option, and a store without scan, are MIRO_CONFIG', async (t) => {
  const auth = createWorld().process()
  for (const options of [{ limit: 0 }, { limit: 1001 }, { limit: 1.5 }, { limit: '10' }, { cursor: 7 }, { page: 1 }]) {
    await t.rejects(auth.allGrants(options as object), { code: 'MIRO_CONFIG' }, JSON.stringify(options))
  }
  const { scan: _, ...withoutScan } = memoryStore()
  await t.rejects(createWorld().process({ store: withoutScan }).allGrants(), { code: 'MIRO_CONFIG' })
})
