import t, { type Test } from 'tap'
import { memoryStore, type FastifyMiroOptions, type GrantRef } from '../src/index.js'
import { signInAs } from '../src/testing/index.js'
import type { Browser } from './fixtures/browser.js'
import { createWorld, members, signIn, type World } from './fixtures/world.js'

const { adaAtAcme, adaAtHarbour, graceAtAcme } = members

/** Ada, signed in first to one team and then, in the same browser, to the other. */
async function createTwoTeams (t: Test, options: Partial<FastifyMiroOptions> = {}): Promise<World & { ada: Browser }> {
  const world = await createWorld(t, options)
  const { app } = world
  app.get('/teams', async (request) => (await request.miro.grants()).map(({ teamId }) => teamId))
  app.get('/of/:userId/:teamId', async (request) => ({ token: await request.miro.for(request.params as GrantRef).accessToken() }))
  app.post('/select/:userId/:teamId', async (request, reply) => {
    await request.miro.select(request.params as GrantRef)
    return reply.code(204).send()
  })
  const ada = world.browser()
  await signIn(ada, undefined, { as: adaAtAcme })
  await signIn(ada, undefined, { as: adaAtHarbour })
  return { ...world, ada }
}

const pathOf = ({ userId, teamId }: GrantRef): string => `/of/${userId}/${teamId}`
const selectPath = ({ userId, teamId }: GrantRef): string => `/select/${userId}/${teamId}`

t.test('session: a user who signed in to two teams has two grants, and the session is the last one\'s', async (t) => {
  const { ada } = await createTwoTeams(t)
  t.same((await ada.call('/teams')).json(), [adaAtHarbour.teamId, adaAtAcme.teamId])
  t.match((await ada.call('/me')).json(), adaAtHarbour)
  const tokens = await Promise.all([
    adaAtAcme, adaAtHarbour
  ].map(async (ref) => (await ada.call(pathOf(ref))).json().token))
  t.equal((await ada.call('/token')).json().token, tokens[1])
  t.not(tokens[0], tokens[1])
})

t.test('select: another grant becomes the session\'s, still read in one round trip', async (t) => {
  const inner = memoryStore()
  let reads = 0
  const store = { cas: inner.cas, get: (key: string) => { reads++; return inner.get(key) } }
  const { ada } = await createTwoTeams(t, { store })
  const [before] = ada.named('session').map((name) => ada.cookies.get(name)?.split('.')[0])
  const answer = await ada.send({ method: 'POST', url: selectPath(adaAtAcme) })
  t.equal(answer.statusCode, 204)
  const [cookie] = answer.cookies
  t.match(cookie, { httpOnly: true, path: '/', sameSite: 'Lax' })
  t.not(cookie?.value.split('.')[0], before, 'under a new id')
  t.match((await ada.call('/me')).json(), adaAtAcme)
  reads = 0
  t.equal((await ada.call('/boards')).statusCode, 200)
  t.equal(reads, 2, 'session and grant, as the cookie hints')
  t.same((await ada.call('/teams')).json(), [adaAtHarbour.teamId, adaAtAcme.teamId], 'both are still hers')
})

t.test('select: a person can neither select nor use another person\'s grant', async (t) => {
  const { ada, browser } = await createTwoTeams(t)
  const grace = browser()
  await signIn(grace, undefined, { as: graceAtAcme })
  for (const ref of [adaAtAcme, adaAtHarbour, { userId: graceAtAcme.userId, teamId: '1' }]) {
    t.match((await grace.send({ method: 'POST', url: selectPath(ref) })).json(), { code: 'MIRO_NOT_CONNECTED' })
    t.match((await grace.call(pathOf(ref))).json(), { code: 'MIRO_NOT_CONNECTED' })
  }
  t.match((await grace.call('/me')).json(), graceAtAcme)
  const nobody = browser()
  t.match((await nobody.send({ method: 'POST', url: selectPath(adaAtAcme) })).json(), { code: 'MIRO_NOT_CONNECTED' })
  t.match((await nobody.call(pathOf(adaAtAcme))).json(), { code: 'MIRO_NOT_CONNECTED' })
  t.same((await nobody.call('/teams')).json(), [])
  t.equal((await ada.call('/boards')).statusCode, 200)
})

t.test('disconnect: another team by name leaves the session; the session\'s own team ends it', async (t) => {
  const { ada, emulator } = await createTwoTeams(t)
  const disconnect = ({ userId, teamId }: GrantRef): string => `/auth/miro/disconnect?user_id=${userId}&team_id=${teamId}`
  t.equal((await ada.submit(disconnect({ ...adaAtAcme, teamId: '1' }))).statusCode, 401)
  t.equal((await ada.submit(`/auth/miro/disconnect?team_id=${adaAtAcme.teamId}`)).statusCode, 400, 'half a name is none')
  t.equal((await ada.submit(disconnect(adaAtAcme))).statusCode, 303)
  t.same((await ada.call('/teams')).json(), [adaAtHarbour.teamId])
  t.equal((await ada.call('/boards')).statusCode, 200)
  t.equal((await ada.submit(disconnect(adaAtHarbour))).statusCode, 303)
  t.same(ada.named('session'), [])
  t.equal((await ada.call('/boards')).statusCode, 401)
  t.equal(emulator.log.filter(({ path }) => path.includes('revoke')).length, 2)
})

t.test('disconnect: a form may name the grant by its fields, and no other grant is disconnected instead', async (t) => {
  const { ada } = await createTwoTeams(t)
  const submit = async (payload: string): Promise<number> => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }
    return (await ada.send({ method: 'POST', url: '/auth/miro/disconnect', headers, payload })).statusCode
  }
  t.equal(await submit(`team_id=${adaAtAcme.teamId}`), 400)
  t.equal(await submit(`user_id=${adaAtAcme.userId}&team_id=1`), 401)
  t.equal(await submit(`${'x'.repeat(20_000)}=&user_id=${adaAtAcme.userId}&team_id=${adaAtAcme.teamId}`), 413, 'too long to be a form')
  t.same((await ada.call('/teams')).json(), [adaAtHarbour.teamId, adaAtAcme.teamId])
  t.equal(await submit(`user_id=${adaAtAcme.userId}&team_id=${adaAtAcme.teamId}&button=`), 400)
  t.same((await ada.call('/teams')).json(), [adaAtHarbour.teamId, adaAtAcme.teamId])
  t.equal(await submit(`user_id=${adaAtAcme.userId}&team_id=${adaAtAcme.teamId}&_csrf=`), 204)
  t.same((await ada.call('/teams')).json(), [adaAtHarbour.teamId])
})

t.test('session: it is void once its grant ended, even while another grant of the user lives', async (t) => {
  const { ada, app } = await createTwoTeams(t)
  await app.miro.auth.disconnect(adaAtHarbour)
  t.equal((await ada.call('/boards')).statusCode, 401)
  t.same((await ada.call('/teams')).json(), [])
  t.match((await ada.call(pathOf(adaAtAcme))).json(), { code: 'MIRO_NOT_CONNECTED' })
  t.match((await ada.send({ method: 'POST', url: selectPath(adaAtAcme) })).json(), { code: 'MIRO_NOT_CONNECTED' })
})

t.test('grant: the option decides before the session', async (t) => {
  const { ada } = await createTwoTeams(t, { grant: (request, refs) => refs.find(({ teamId }) => teamId === request.headers['x-team']) ?? refs.at(-1) })
  t.match((await ada.call('/me')).json(), adaAtAcme)
  t.match((await ada.call('/me', { 'x-team': adaAtHarbour.teamId })).json(), adaAtHarbour)
})

t.test('logout: a selected session ends in the store', async (t) => {
  const { ada, app } = await createTwoTeams(t)
  await ada.send({ method: 'POST', url: selectPath(adaAtAcme) })
  const cookies = Object.fromEntries(ada.cookies)
  await ada.submit('/auth/miro/logout')
  t.equal((await app.inject({ url: '/me', cookies })).statusCode, 401)
  t.equal((await app.inject({ method: 'POST', url: selectPath(adaAtHarbour), cookies })).statusCode, 401, 'and is not revived')
})

t.test('signInAs: it gives cookies for inject, with scopes and tokens that the test chooses', async (t) => {
  const { app, ada } = await createTwoTeams(t)
  const cookies = await signInAs(app, { userId: '7', teamId: '8', scopes: ['boards:read'] })
  t.match((await app.inject({ url: '/me', cookies })).json(), { userId: '7', teamId: '8', scopes: ['boards:read'] })
  const { token } = (await ada.call('/token')).json()
  const borrowed = await signInAs(app, { ...adaAtHarbour, tokens: { accessToken: token, refreshToken: 'none', expiresInMs: 3_600_000 } })
  t.equal((await app.inject({ url: '/boards', cookies: borrowed })).statusCode, 200)
  t.notOk(JSON.stringify(app.miro).includes('testSignIn') || Object.keys(app.miro).includes('testSignIn'))
})

t.test('signInAs: it takes the token of an app whose tokens do not expire', async (t) => {
  const { app, emulator } = await createTwoTeams(t)
  const cookies = await signInAs(app, { userId: '7', teamId: '8', tokens: { accessToken: 'for-ever' } })
  emulator.clock.advance(6 * 24 * 3_600_000)
  t.same((await app.inject({ url: '/token', cookies })).json(), { token: 'for-ever' })
})
