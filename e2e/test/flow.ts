import { createEmulator } from '@miro-oauth/emulator'
import t from 'tap'
import { startScene } from './fixtures/app.js'
import { freePort } from '@miro-oauth/test-servers'
import { startExample } from './fixtures/server.js'
import { Visitor } from './fixtures/visitor.js'

const hour = 3_600_000
const tokenPath = '/v1/oauth/token'
const revokePath = '/v2/oauth/revoke'

for (const ids of ['text', 'numbers'] as const) {
  t.test(`sign-in: with ids as ${ids}, from login over boards and refreshes to logout and disconnect`, async (t) => {
    const { app, url, emulator, visitor, asked } = await startScene(t, { ids })

    const refused = await visitor.get(`${url}/boards`)
    t.equal(refused.status, 303)
    t.equal(refused.location?.href, `${url}/auth/miro/login?returnTo=%2Fboards`)
    const signedIn = await visitor.signIn(`${url}/auth/miro/login?returnTo=%2Fboards`)
    t.equal(signedIn.status, 303)
    t.equal(signedIn.location?.href, `${url}/boards`)

    t.match(await visitor.json(`${url}/boards`), { total: 8, size: 8 })
    const created = await visitor.json(`${url}/create?name=Plans`) as { id: string }
    t.match(created, { name: 'Plans', id: /^uXj/ })
    t.match(await visitor.json(`${url}/boards`), { total: 9, data: [{ name: 'Plans', id: created.id }] })

    const { grant } = await visitor.json(`${url}/me`) as { grant: { userId: string, teamId: string } }
    const [team] = (await teamsOf(visitor, url))
    t.match(grant.userId, /^\d{19}$/)
    t.equal(grant.teamId, team, 'every digit of the 64-bit id is kept')
    t.match(grant, { userName: 'Ada Lovelace', teamName: 'Acme Design' })

    await t.test('refresh: twenty requests at once after an hour make one refresh', async (t) => {
      t.equal(asked('POST', tokenPath), 1)
      emulator.clock.advance(hour)
      const answers = await Promise.all(Array.from({ length: 20 }, () => visitor.get(`${url}/boards`)))
      t.same(answers.map(({ status }) => status), Array(20).fill(200))
      t.equal(asked('POST', tokenPath), 2)
    })

    await t.test('refresh: a token that ends early gets a 401 from Miro, and the requests still succeed', async (t) => {
      emulator.miroClock.advance(hour)
      const answers = await Promise.all(Array.from({ length: 20 }, () => visitor.get(`${url}/boards`)))
      t.same(answers.map(({ status }) => status), Array(20).fill(200))
      t.equal(asked('POST', tokenPath), 3)
      t.ok(emulator.log.some(({ path, status }) => path === '/v2/boards' && status === 401))
    })

    await t.test('logout: the session cookie is void, and the grant is kept', async (t) => {
      const thief = new Visitor()
      for (const [name, value] of visitor.cookies) thief.cookies.set(name, value)
      const answer = await visitor.post(`${url}/auth/miro/logout`)
      t.equal(answer.status, 303)
      t.equal(answer.location?.href, `${url}/`)
      t.equal(visitor.cookies.size, 0)
      t.equal((await thief.get(`${url}/boards`)).status, 303)
      t.equal((await app.miro.auth.grants(grant.userId)).length, 1)
      t.equal(asked('POST', revokePath), 0)
    })

    await t.test('disconnect: the grant ends in the app, and its tokens at Miro', async (t) => {
      await visitor.signIn(`${url}/auth/miro/login`)
      const { accessToken } = await visitor.json(`${url}/token`) as { accessToken: string }
      t.equal(await statusAtMiro(emulator.apiUrl, accessToken), 200)
      t.equal((await visitor.post(`${url}/auth/miro/disconnect`)).status, 303)
      t.same(await app.miro.auth.grants(grant.userId), [])
      t.equal(asked('POST', revokePath), 1)
      t.equal(await statusAtMiro(emulator.apiUrl, accessToken), 401)
      t.equal((await visitor.get(`${url}/boards`)).status, 303)
      t.equal((await visitor.signIn(`${url}/auth/miro/login`)).status, 303, 'connecting again works')
      t.match(await visitor.json(`${url}/boards`), { total: 9 })
    })
  })
}

t.test('callback: a declined consent shows MIRO_ACCESS_DENIED and a link to try again', async (t) => {
  const { url, visitor, asked } = await startScene(t)
  const declined = await visitor.signIn(`${url}/auth/miro/login`, { decision: 'decline' })
  t.equal(declined.status, 403)
  t.match(declined.text, 'MIRO_ACCESS_DENIED')
  t.match(declined.text, 'href="/auth/miro/login"')
  t.equal(asked('POST', tokenPath), 0)
  t.equal((await visitor.signIn(`${url}/auth/miro/login`)).status, 303)
})

t.test('session: two users in two teams see their own boards', async (t) => {
  const { url, visitor } = await startScene(t)
  const other = new Visitor()
  await visitor.signIn(`${url}/auth/miro/login`)
  await other.signIn(`${url}/auth/miro/login`, { membership: 1 })
  const mine = await visitor.json(`${url}/me`) as { grant: { teamId: string } }
  const theirs = await other.json(`${url}/me`) as { grant: { teamId: string } }
  t.not(mine.grant.teamId, theirs.grant.teamId)
  t.match(await visitor.json(`${url}/boards`), { total: 8 })
  t.match(await other.json(`${url}/boards`), { total: 4 })
})

t.test('refresh: an app whose tokens do not expire never refreshes', async (t) => {
  const { url, emulator, visitor, asked } = await startScene(t, { seed: { app: { expiring: false } } })
  await visitor.signIn(`${url}/auth/miro/login`)
  for (let day = 0; day < 6; day++) {
    emulator.clock.advance(24 * hour)
    t.equal((await visitor.get(`${url}/boards`)).status, 200)
  }
  t.equal(asked('POST', tokenPath), 1)
  await visitor.post(`${url}/auth/miro/disconnect`)
  t.equal(asked('POST', revokePath), 1)
})

t.test('miro-api: Miro\'s own client works with our tokens, before and after a refresh', async (t) => {
  const { url, emulator, visitor, asked } = await startScene(t)
  await visitor.signIn(`${url}/auth/miro/login`)
  const { names } = await visitor.json(`${url}/official/boards`) as { names: string[] }
  t.equal(new Set(names).size, 8)
  t.equal(asked('GET', '/v2/boards'), 3)
  emulator.clock.advance(hour)
  t.match(await visitor.json(`${url}/official/create?name=Made+by+the+other+client`), { name: 'Made by the other client', id: /^uXj/ })
  const after = await visitor.json(`${url}/official/boards`) as { names: string[] }
  t.ok(after.names.includes('Made by the other client'))
  t.equal(after.names.length, 9)
})

t.test('example server: with the emulator\'s addresses in its environment it works, and logs no secret', async (t) => {
  const port = await freePort()
  const redirectUri = `http://localhost:${port}/auth/miro/callback`
  const emulator = await createEmulator({ seed: { app: { clientSecret: 'planted-client-secret', redirectUris: [redirectUri] } } })
  t.teardown(() => emulator.close())
  const { url, output } = await startExample(t, {
    port,
    env: {
      MIRO_CLIENT_ID: emulator.app.clientId,
      MIRO_CLIENT_SECRET: emulator.app.clientSecret,
      MIRO_REDIRECT_URI: redirectUri,
      COOKIE_SECRET: 'planted-planted-planted-planted-planted',
      MIRO_AUTHORIZE_URL: emulator.authorizeUrl,
      MIRO_API_URL: emulator.apiUrl
    }
  })
  const visitor = new Visitor()
  const signedIn = await visitor.signIn(`${url}/auth/miro/login?returnTo=%2Fboards`)
  t.equal(signedIn.location?.href, `${url}/boards`)
  t.match((await visitor.get(`${url}/boards`)).text, 'Onboarding journey')
  t.equal((await visitor.post(`${url}/boards`, { name: 'Plans' })).status, 303)
  t.equal((await visitor.post(`${url}/auth/miro/disconnect`)).status, 303)
  t.match(output(), '/auth/miro/callback', 'requests are logged')
  t.notMatch(output(), /planted|code=|state=|eyJ/)
})

/** The team of each board, as Miro's API names it. */
async function teamsOf (visitor: Visitor, url: string): Promise<string[]> {
  const { data } = await visitor.json(`${url}/boards`) as { data: Array<{ team: { id: string } }> }
  return data.map(({ team }) => team.id)
}

async function statusAtMiro (apiUrl: string, accessToken: string): Promise<number> {
  return (await fetch(`${apiUrl}/v2/boards`, { headers: { authorization: `Bearer ${accessToken}` } })).status
}
