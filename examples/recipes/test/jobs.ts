import { randomBytes } from 'node:crypto'
import { createMiroAuth, encryptedStore, memoryStore, type MiroAuth, type Store } from '@miro-oauth/core'
import type { Emulator } from '@miro-oauth/emulator'
import t, { type Test } from 'tap'
import { runNightly, type NightlyOptions, type NightlyResult } from '../src/nightly-job.js'
import { runOnce } from '../src/run-once.js'
import { exchange, personOf, startEmulator } from './fixtures/world.js'

const hour = 3_600_000

interface Job {
  emulator: Emulator
  store: Store
  /** A process with the store of all. */
  process: () => MiroAuth
  /** A run with what the test says; it notes whose turn was done, and which failed. */
  run: (options?: Partial<NightlyOptions>) => Promise<NightlyResult>
  turns: string[]
  failures: unknown[]
}

/** So many people, each linked to the user of the app with their index. */
async function startJob (t: Test, people: number): Promise<Job> {
  const emulator = await startEmulator(t, people)
  const { clock, app: { clientId, clientSecret }, apiUrl } = emulator
  const store = memoryStore({ clock })
  const process = (): MiroAuth => createMiroAuth({ clientId, clientSecret, store, clock, endpoints: { apiUrl } })
  const auth = process()
  for (let index = 0; index < people; index++) await auth.connect(await exchange(emulator, index), { appUserId: `user-${index}` })
  const turns: string[] = []
  const failures: unknown[] = []
  const run = (options: Partial<NightlyOptions> = {}): Promise<NightlyResult> => runNightly({
    auth,
    run: 'digest 2026-11-30',
    async work ({ appUserId, client, signal }) {
      await client.boards.list({ limit: 1 }, { signal })
      turns.push(appUserId)
    },
    signal: new AbortController().signal,
    onFailure: (_grant, error) => { failures.push(error) },
    now: () => clock.now(),
    ...options
  })
  return { emulator, store, process, run, turns, failures }
}

t.test('nightly job: two processes at once give each user one turn, and users who share a grant one each', async (t) => {
  const { emulator, process, run, turns } = await startJob(t, 3)
  const other = process()
  await other.connect(await exchange(emulator, 0), { appUserId: 'assistant' })
  const [one, two] = await Promise.all([run({ limit: 1 }), run({ auth: other })])
  t.same([...turns].sort(), ['assistant', 'user-0', 'user-1', 'user-2'])
  t.equal(one.done + two.done, 4)
  t.match(await run(), { done: 0, failed: 0, skipped: 4, busy: 0, stopped: null })
  t.match(await run({ run: 'digest 2026-12-01' }), { done: 4, skipped: 0 })
})

t.test('nightly job: a person whom Miro refuses, and one whose turn fails, hold nobody up', async (t) => {
  const { emulator, process, run, turns, failures } = await startJob(t, 4)
  emulator.set({ refusals: 'rfc' })
  emulator.clock.advance(hour)
  const refused = emulator.faults.add({ do: 'refuse', on: 'token' })
  const work: NightlyOptions['work'] = async ({ appUserId, client }) => {
    await client.accessToken()
    if (appUserId === 'user-3' && failures.length < 2) throw new TypeError('a mistake of the app')
    turns.push(appUserId)
  }
  t.match(await run({ work }), { done: 2, failed: 2, stopped: null })
  await refused.hit
  t.same(failures.map((error) => error instanceof TypeError ? 'TypeError' : (error as { code: string }).code).sort(), ['MIRO_REAUTHORIZE', 'TypeError'])
  t.match(await run({ work }), { done: 1, failed: 0, skipped: 2, stopped: null }, 'the next run leaves out who must connect again')
  t.equal(new Set(turns).size, 3)
  await process().disconnect(personOf(1))
  t.match(await run({ work, run: 'later' }), { failed: 0 })
})

t.test('nightly job: an outage of Miro stops the run, which goes on from its cursor', async (t) => {
  const { emulator, run, turns } = await startJob(t, 8)
  const work: NightlyOptions['work'] = async ({ appUserId, client }) => {
    await client.accessToken()
    turns.push(appUserId)
  }
  emulator.clock.advance(hour)
  const outage = emulator.faults.add({ do: 'answer', status: 429, on: 'token', times: Infinity })
  const stopped = await run({ work, limit: 2 })
  t.match(stopped, { done: 0, stopped: 'outage' })
  t.ok(stopped.failed >= 3 && stopped.failed < 8, `${stopped.failed} were tried`)
  t.type(stopped.cursor, 'string')
  outage.remove()
  emulator.clock.advance(hour)
  const { cursor } = stopped
  t.match(await run({ work, limit: 2, cursor }), { failed: 0, stopped: null })
  t.match(await run({ work }), { stopped: null }, 'and a run from the beginning')
  t.same([...turns].sort(), Array.from({ length: 8 }, (_, index) => `user-${index}`), 'each once')
})

t.test('nightly job: a signal stops it, and what it stopped in the middle is done by the next run', async (t) => {
  const { run, turns, failures } = await startJob(t, 6)
  const shutdown = new AbortController()
  const stopped = await run({
    signal: shutdown.signal,
    work: async ({ signal }) => {
      shutdown.abort()
      signal.throwIfAborted()
    }
  })
  t.match(stopped, { done: 0, failed: 0, stopped: 'signal' })
  t.same(failures, [])
  t.match(await run({ cursor: stopped.cursor }), { done: 6, stopped: null })
  t.equal(turns.length, 6)
})

t.test('nightly job: the turn of a process that died begins anew when its claim is over', async (t) => {
  const { emulator, process, run, turns } = await startJob(t, 1)
  const dead = run({ auth: process(), claimMs: hour, work: () => new Promise(() => {}) })
  dead.catch(() => {})
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.match(await run(), { done: 0, skipped: 0, busy: 1 }, 'so that its caller runs again')
  emulator.clock.advance(hour)
  t.match(await run(), { done: 1, skipped: 0, busy: 0 })
  t.match(await run(), { done: 0, skipped: 1, busy: 0 })
  t.same(turns, ['user-0'])
})

t.test('nightly job: a store that is down stops it, and a wrong option is thrown', async (t) => {
  const { store, run, failures, emulator } = await startJob(t, 2)
  const { clientId, clientSecret } = emulator.app
  const fail = async (): Promise<never> => { throw new Error('down') }
  const down = createMiroAuth({ clientId, clientSecret, store: { ...store, scan: fail } })
  t.match(await run({ auth: down, cursor: 'here' }), { stopped: 'outage', cursor: 'here' })
  t.match(failures, [{ code: 'MIRO_STORE' }])
  await t.rejects(run({ limit: 0 }), { code: 'MIRO_CONFIG' })
})

t.test('run once: what was done stays known when the keys of the store are changed', async (t) => {
  const [old, next] = ['k1', 'k2'].map((name) => `${name}:${randomBytes(32).toString('base64url')}`)
  const inner = memoryStore()
  const once = (...keys: Array<string | undefined>): Promise<string> => {
    return runOnce({ store: encryptedStore(inner, { keys }), name: ['digest', 'user'] }, async () => {})
  }
  t.equal(await once(old), 'done')
  t.match(await encryptedStore(inner, { keys: [next, old] }).rewrap(), { rewrapped: 1, unreadable: 0 })
  t.equal(await once(next), 'skipped')
})
