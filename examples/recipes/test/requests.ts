import type { Emulator } from '@miro-oauth/emulator'
import { miroOptionsFor } from '@miro-oauth/example-shared'
import { signInAs } from '@miro-oauth/fastify/testing'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { connectMiro } from '../src/app-users.js'
import { boardRoutes } from '../src/boards.js'
import { personOf, startApp, startEmulator } from './fixtures/world.js'

/** Signs one of the emulator's people in, or links them to a user of the app. */
function signIn (app: FastifyInstance, emulator: Emulator, appUserId?: string): Promise<Record<string, string>> {
  const person = personOf(0)
  const link = appUserId === undefined ? {} : { appUserId }
  return signInAs(app, { ...person, ...link, tokens: emulator.issueTokens(person) })
}

t.test('boards: a person creates a board with a note, lists it, and reads its items', async (t) => {
  const emulator = await startEmulator(t)
  const app = await startApp(t, emulator)
  boardRoutes(app)
  const cookies = await signIn(app, emulator)
  const created = await app.inject({ method: 'POST', url: '/boards', cookies, headers: { 'sec-fetch-site': 'same-origin' } })
  const { board, note } = created.json()
  t.equal(board.name, 'Retro')
  const { data } = (await app.inject({ url: '/boards', cookies })).json() as { data: Array<{ id: string }> }
  t.ok(data.some(({ id }) => id === board.id), 'the list has it')
  t.match((await app.inject({ url: `/boards/${encodeURIComponent(board.id)}/items`, cookies })).json(), [{ id: note.id }])
  t.equal((await app.inject('/boards')).statusCode, 401)
})

t.test('app users: a user sees the teams that they connected, and not those of others', async (t) => {
  const emulator = await startEmulator(t)
  const app = Fastify()
  t.teardown(() => app.close())
  const options = miroOptionsFor(emulator, {
    redirectUri: 'http://localhost:3000/auth/miro/callback', cookieSecret: 'planted-cookie-secret-planted-cookie-secret'
  })
  await connectMiro(app, options, ({ headers }) => headers['x-user']?.toString() ?? null)
  await signIn(app, emulator, 'mia')
  const { userId, teamId } = personOf(0)
  const as = (user: string, url: string) => app.inject({ url, headers: { 'x-user': user } })
  t.match((await as('mia', '/teams')).json(), [{ userId, teamId }])
  t.equal((await as('mia', `/teams/${userId}/${teamId}/boards`)).statusCode, 200)
  t.same((await as('tomas', '/teams')).json(), [])
  t.match((await as('tomas', `/teams/${userId}/${teamId}/boards`)).json(), { code: 'MIRO_NOT_CONNECTED' })
  t.match((await as('tomas', '/connect')).headers.location, '/auth/miro/login?returnTo=%2Fteams')
})
