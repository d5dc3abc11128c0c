import type { Emulator } from '@miro-oauth/emulator'
import { throughInject, type Visitor } from '@miro-oauth/example-shared/testing'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { teamConnection, type Member } from '../src/team-connection.js'
import { authOptions, browserOf, origin, startMiro, userIn } from './fixtures/web.js'

interface World {
  app: FastifyInstance
  emulator: Emulator
  /** The app's users. */
  members: Record<string, Member>
  browserOf: (user: string | null) => Visitor
}

async function startApp (t: Test): Promise<World> {
  const emulator = await startMiro(t, '/auth/miro/callback')
  const app = Fastify()
  t.teardown(() => app.close())
  const members: Record<string, Member> = {
    admin: { organizationId: 'acme', isAdmin: true },
    second: { organizationId: 'acme', isAdmin: true },
    member: { organizationId: 'acme', isAdmin: false },
    rival: { organizationId: 'rivals', isAdmin: true }
  }
  await teamConnection(app, {
    ...authOptions(emulator),
    redirectUri: `${origin}/auth/miro/callback`,
    cookieSecret: 'a secret of the tests, and of nothing else',
    memberOf: ({ headers }) => members[userIn(headers.cookie) ?? ''] ?? null
  })
  app.get('/boards', { config: { miro: { required: true } } }, (request) => request.miro.boards.list())
  app.get('/grants', (request) => request.miro.grants())
  return { app, emulator, members, browserOf: (user) => browserOf(user, throughInject(app)) }
}

/** Goes to Miro's page, authorizes the app there, and returns the callback's URL. */
async function authorize (browser: Visitor, emulator: Emulator, name = 'Ada Lovelace'): Promise<string> {
  return emulator.authorize(await browser.goToMiro(), emulator.person(name))
}

t.test('team connection: an admin connects and disconnects, and all members use it', async (t) => {
  const { emulator, browserOf } = await startApp(t)
  const [admin, member, rival] = [browserOf('admin'), browserOf('member'), browserOf('rival')]
  t.match(await admin.get(await authorize(admin, emulator)), { status: 303 })
  for (const browser of [admin, member, browserOf('second')]) t.match(await browser.get('/boards'), { status: 200, body: /Onboarding journey/ })
  t.match(await rival.get('/boards'), { status: 303, location: /\/auth\/miro\/login/ }, 'another organization has none of it')
  t.match(await rival.get('/grants'), { status: 200, body: '[]' })
  t.match(await rival.post('/auth/miro/disconnect'), { status: 401, body: /MIRO_NOT_CONNECTED/ })
  t.match(await browserOf(null).get('/boards'), { status: 401 })
  t.match(await member.post('/auth/miro/disconnect'), { status: 403 })
  t.match(await member.get('/boards'), { status: 200 })
  t.match(await browserOf('second').post('/auth/miro/disconnect'), { status: 303 })
  t.match(await member.get('/boards'), { status: 303 })
  t.same(emulator.ledger.live({}, emulator.miroClock.now()), [])
})

t.test('team connection: a member may neither begin to connect nor end what an admin began', async (t) => {
  const { app, emulator, members, browserOf } = await startApp(t)
  const [admin, member] = [browserOf('admin'), browserOf('member')]
  t.match(await member.get('/auth/miro/login'), { status: 403, body: /Only an admin/ })
  const callback = await authorize(admin, emulator)
  t.match(await member.get(callback), { status: 403 })
  for (const method of ['HEAD', 'POST', 'OPTIONS'] as const) {
    t.match(await app.inject({ method, url: callback, headers: { cookie: 'session=member' } }), { statusCode: 403 }, method)
  }
  members['admin'] = { organizationId: 'acme', isAdmin: false }
  t.match(await admin.get(callback), { status: 403 }, 'who was an admin when it began')
  t.same(emulator.ledger.requests(), [], 'no code was sent')
  members['admin'] = { organizationId: 'rivals', isAdmin: true }
  t.match(await admin.get(callback), { status: 400, body: /MIRO_CALLBACK_USER_MISMATCH/ }, 'who is an admin of another organization now')
  t.same(await app.miro.auth.grants('organization:rivals'), [])
  t.match(await browserOf(null).get('/auth/miro/login'), { status: 401 }, 'nobody is signed in')
})

t.test('team connection: a new connection takes the place of the one before, which does not come back', async (t) => {
  const { app, emulator, browserOf } = await startApp(t)
  const [admin, second, rival] = [browserOf('admin'), browserOf('second'), browserOf('rival')]
  for (const browser of [admin, rival]) await browser.get(await authorize(browser, emulator))
  emulator.clock.advance(1000)
  await second.get(await authorize(second, emulator, 'Grace Hopper'))
  const { userId } = emulator.person('Grace Hopper')
  t.match(await app.miro.auth.grants('organization:acme'), [{ userId }])
  t.equal((await app.miro.auth.grants('organization:acme')).length, 1)
  t.equal((await app.miro.auth.grants('organization:rivals')).length, 1, 'the other organization keeps its own')
  emulator.clock.advance(1000)
  await second.get(await authorize(second, emulator, 'Grace Hopper'))
  t.equal((await app.miro.auth.grants('organization:acme')).length, 1, 'a second connect of the same keeps it')
  await admin.post('/auth/miro/disconnect')
  t.same(await app.miro.auth.grants('organization:acme'), [])
})
