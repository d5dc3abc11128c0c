import { memoryStore } from '@miro-oauth/fastify'
import t from 'tap'
import { fastifyOauth2Format } from '../../src/move-users/index.js'
import { outcomesOf, startMiroApiScene, startScene } from '../fixtures/move-scene.js'
import { startFastifyOauth2 } from '../fixtures/old-apps.js'
import { refreshesAt } from '../fixtures/world.js'

const hour = 3_600_000

t.test('move: users who signed in through @mirohq/miro-api go on without a sign-in, also after a refresh', async (t) => {
  const { emulator, storage, move, statuses, signIn, miro } = await startMiroApiScene(t)
  await signIn(0)
  emulator.clock.advance(hour)
  const token = await signIn(1)
  await t.resolves(miro.as('user-1').getAllBoards().next(), 'the old app works')
  t.ok(storage.states.get('user-0')?.refreshToken)
  const moved = await move()
  t.same(moved, [
    { userId: 'user-0', outcome: 'moved' }, { userId: 'user-1', outcome: 'moved' }, { userId: 'user-2', outcome: 'nothing' }
  ])
  t.notMatch(JSON.stringify(moved), token)
  t.equal(refreshesAt(emulator), 1, 'only the expired pair was refreshed')
  t.equal(storage.states.size, 0)
  t.same(await statuses(), [200, 200, 401])
  const before = refreshesAt(emulator)
  emulator.clock.advance(hour)
  t.same(await statuses(), [200, 200, 401])
  t.equal(refreshesAt(emulator), before + 2)
})

t.test('move: tokens of @fastify/oauth2 go on likewise', async (t) => {
  const scene = await startScene(t, fastifyOauth2Format)
  const { signIn } = await startFastifyOauth2(t, scene.emulator, scene.storage)
  await signIn(0)
  scene.emulator.clock.advance(hour)
  await signIn(1)
  t.same(outcomesOf(await scene.move()), ['moved', 'moved', 'nothing'])
  scene.emulator.clock.advance(hour)
  t.same(await scene.statuses(), [200, 200, 401])
})

t.test('move: tokens that do not expire are moved, and a dead one is refused', async (t) => {
  const { emulator, storage, move, statuses, signIn, miro } = await startMiroApiScene(t, { expiring: false })
  await Promise.all([0, 1, 2].map(signIn))
  const state = storage.states.get('user-1')
  t.notOk(state?.refreshToken)
  await miro.revokeToken('user-1')
  if (state !== undefined) storage.states.set('user-1', state)
  t.same(outcomesOf(await move()), ['moved', 'refused', 'moved'])
  emulator.clock.advance(24 * hour)
  t.same(await statuses(), [200, 401, 200])
  t.equal(refreshesAt(emulator), 0)
})

t.test('move: a second run finds nothing to do, and a state that came back spends no refresh token', async (t) => {
  const { emulator, storage, move, statuses, signIn } = await startMiroApiScene(t)
  await Promise.all([0, 1, 2].map(signIn))
  const backup = new Map(storage.states)
  const restore = (): void => { for (const [userId, state] of backup) storage.states.set(userId, state) }
  t.same(outcomesOf(await move()), ['moved', 'moved', 'moved'])
  t.same(outcomesOf(await move()), ['nothing', 'nothing', 'nothing'])
  restore()
  t.same(outcomesOf(await move()), ['moved', 'moved', 'moved'], 'the pair is still the same')
  t.equal(refreshesAt(emulator), 0)
  emulator.clock.advance(hour)
  t.same(await statuses(), [200, 200, 200])
  restore()
  t.same(outcomesOf(await move()), ['connected', 'connected', 'connected'])
  t.equal(refreshesAt(emulator), 3, 'the spent tokens were not sent')
  t.same(await statuses(), [200, 200, 200])
})

for (const refusals of ['envelope', 'rfc', 'bare'] as const) {
  t.test(`move: a user whose tokens are dead is reported, and the others go on, with refusals in the form ${refusals}`, async (t) => {
    const { emulator, storage, move, statuses, signIn, miro } = await startMiroApiScene(t)
    emulator.set({ refusals })
    await Promise.all([0, 1, 2].map(signIn))
    const state = storage.states.get('user-1')
    await miro.revokeToken('user-1')
    if (state !== undefined) storage.states.set('user-1', state)
    t.same(outcomesOf(await move()), ['moved', 'refused', 'moved'])
    t.same([...storage.states], [['user-1', state]])
    t.same(await statuses(), [200, 401, 200])
  })
}

t.test('move: a Storage that fails for a user spends no refresh token, and the next run moves them', async (t) => {
  const { emulator, storage, move, statuses, signIn } = await startMiroApiScene(t)
  await Promise.all([0, 1, 2].map(signIn))
  emulator.clock.advance(hour)
  storage.failing.set('user-0', 'get').set('user-1', 'set')
  t.same(await move(), [
    { userId: 'user-0', outcome: 'failed', code: 'STORAGE' },
    { userId: 'user-1', outcome: 'failed', code: 'STORAGE' },
    { userId: 'user-2', outcome: 'moved' }
  ], 'without the words of the Storage, which may quote tokens')
  t.equal(refreshesAt(emulator), 1)
  storage.failing.clear()
  t.same(outcomesOf(await move()), ['moved', 'moved', 'nothing'])
  t.same(await statuses(), [200, 200, 200])
})

t.test('move: a pair that our store does not take is in the old Storage, where the next run finds it', async (t) => {
  const store = memoryStore()
  let isDown = false
  const cas: typeof store.cas = async (...input) => {
    if (isDown) throw new Error('down')
    return store.cas(...input)
  }
  const { emulator, storage, move, statuses, signIn } = await startMiroApiScene(t, { store: { ...store, cas } })
  await signIn(0)
  const spent = storage.states.get('user-0')?.refreshToken
  emulator.clock.advance(hour)
  isDown = true
  t.same(outcomesOf(await move()), ['MIRO_STORE', 'nothing', 'nothing'])
  t.equal(refreshesAt(emulator), 1)
  t.not(storage.states.get('user-0')?.refreshToken, spent)
  isDown = false
  t.same(outcomesOf(await move()), ['moved', 'nothing', 'nothing'])
  t.equal(refreshesAt(emulator), 1)
  t.equal((await statuses())[0], 200)
})

t.test('move: a wrong client secret, and an answer that does not come, leave the old state as it is', async (t) => {
  const { emulator, storage, move, signIn } = await startMiroApiScene(t)
  emulator.set({ refusals: 'rfc' })
  await signIn(0)
  const state = storage.states.get('user-0')
  emulator.clock.advance(hour)
  t.equal(outcomesOf(await move('wrong'))[0], 'REFRESH')
  emulator.faults.add({ do: 'answer', status: 503, on: 'token' })
  t.equal(outcomesOf(await move())[0], 'REFRESH')
  emulator.faults.add({ do: 'drop', on: 'token', when: 'before' })
  t.equal(outcomesOf(await move())[0], 'REFRESH')
  t.same(storage.states.get('user-0'), state)
  t.equal(outcomesOf(await move())[0], 'moved')
})
