import { createHmac } from 'node:crypto'
import t from 'tap'
import { EmulatorMembershipError } from '../src/index.js'
import { HOUR, memberships, START, startEmulator } from './fixtures/visitor.js'
import type { Emulator } from '../src/index.js'

const SECONDS = START / 1_000

async function firstPerson (emulator: Emulator): Promise<{ userId: string, teamId: string }> {
  const [userId = '', teamId = ''] = (await memberships(emulator))[0]?.split('/') ?? []
  return { userId, teamId }
}

/** The text of the claims, of a token whose signature is right. */
function readClaims (token: string, secret: string): string {
  const [header = '', payload = '', signature] = token.split('.')
  const expected = createHmac('sha256', Buffer.from(secret, 'utf8')).update(`${header}.${payload}`).digest('base64url')
  if (signature !== expected) throw new Error('the signature is wrong')
  return Buffer.from(payload, 'base64url').toString()
}

t.test('id token: is signed by HS256 with the client secret, and has the documented claims', async (t) => {
  const emulator = await startEmulator(t, { seed: { app: { clientSecret: 'another-secret' } } })
  const person = await firstPerson(emulator)
  const token = emulator.idTokenFor(person)
  t.same(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()), { alg: 'HS256', typ: 'JWT' })
  t.same(JSON.parse(readClaims(token, 'another-secret')), {
    sub: emulator.app.clientId, iss: 'miro', user: person.userId, team: person.teamId, iat: SECONDS, exp: SECONDS + 300
  })
  t.throws(() => readClaims(token, 'secret'), 'another secret')
})

t.test('id token: iat and exp are by Miro’s clock', async (t) => {
  const emulator = await startEmulator(t)
  const person = await firstPerson(emulator)
  emulator.miroClock.advance(HOUR + 1)
  const claims = readClaims(emulator.idTokenFor(person), emulator.app.clientSecret)
  t.match(JSON.parse(claims), { iat: SECONDS + 3600, exp: SECONDS + 3900 })
})

t.test('id token: the switch changes its lifetime, ids and issuer, and reset restores them', async (t) => {
  const emulator = await startEmulator(t, { idToken: { lifetimeSeconds: 60 } })
  const person = await firstPerson(emulator)
  const claims = () => readClaims(emulator.idTokenFor(person), emulator.app.clientSecret)
  emulator.set({ idToken: { ids: 'numbers', issuer: null } })
  t.same(emulator.settings.idToken, { lifetimeSeconds: 60, ids: 'numbers', issuer: null })
  t.match(claims(), `"user":${person.userId},"team":${person.teamId},"iat":${SECONDS},"exp":${SECONDS + 60}}`)
  t.notMatch(claims(), 'iss')
  emulator.set({ idToken: { issuer: emulator.app.clientId } })
  t.match(claims(), `"iss":"${emulator.app.clientId}"`)
  emulator.reset()
  t.same(emulator.settings.idToken, { lifetimeSeconds: 60, ids: 'text', issuer: 'miro' })
  t.match(claims(), `"iss":"miro","user":"${person.userId}"`)
})

t.test('id token: the ids of token answers do not change those of id tokens', async (t) => {
  const emulator = await startEmulator(t, { ids: 'numbers' })
  const person = await firstPerson(emulator)
  t.match(readClaims(emulator.idTokenFor(person), emulator.app.clientSecret), `"user":"${person.userId}"`)
})

t.test('id token: an unknown user or team, or a user of another team, is refused', async (t) => {
  const emulator = await startEmulator(t)
  const { userId, teamId } = await firstPerson(emulator)
  const all = (await memberships(emulator)).map((value) => value.split('/'))
  const [graceId = ''] = all.find(([id]) => id !== userId) ?? []
  const otherTeam = all[1]?.[1] ?? ''
  for (const person of [{ userId: '1', teamId }, { userId, teamId: '1' }, { userId: graceId, teamId: otherTeam }]) {
    t.throws(() => emulator.idTokenFor(person), EmulatorMembershipError)
    t.throws(() => emulator.idTokenFor(person), { code: 'EMULATOR_MEMBERSHIP' })
  }
})
