import { setTimeout as sleep } from 'node:timers/promises'
import { migrate, postgresStore } from '@miro-oauth/postgres'
import { startPostgres } from '@miro-oauth/test-servers'
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import PgBoss from 'pg-boss'
import t from 'tap'
import { keepAlive, queue } from '../../src/keep-alive.js'
import { exchange, refreshesAt, startApp, startEmulator } from '../fixtures/world.js'

const day = 86_400_000

t.test('keep-alive: two processes on one PostgreSQL refresh each idle grant once', async (t) => {
  const server = await startPostgres()
  if (server === null) return
  const { url: connectionString } = server
  t.teardown(() => server.stop())
  const pool = new pg.Pool({ connectionString, max: 4 })
  // An idle connection may end after the server does.
  pool.on('error', () => {})
  t.teardown(() => pool.end())
  await migrate(pool)
  const people = 6
  const emulator = await startEmulator(t, people)
  const process = async (): Promise<{ app: FastifyInstance, boss: PgBoss }> => {
    const app = await startApp(t, emulator, { miro: { store: postgresStore({ pool }) } })
    const boss = new PgBoss({ connectionString, max: 2, supervise: false })
    await app.register(keepAlive, { boss })
    await app.ready()
    return { app, boss }
  }
  const one = await process()
  const two = await process()
  const grants = await Promise.all(Array.from({ length: people }, async (_, index) => {
    const { grant } = await one.app.miro.auth.connect(await exchange(emulator, index))
    return grant
  }))

  t.match(await one.boss.getSchedules(), [{ name: queue, cron: '17 3 * * *' }])

  emulator.clock.advance(51 * day)
  const jobs = await Promise.all([one.boss.send(queue, {}), two.boss.send(queue, {})])
  for (const id of jobs) await untilDone(one.boss, id ?? '')
  t.equal(refreshesAt(emulator), people, 'each idle grant is refreshed once')
  for (const grant of grants) await two.app.miro.auth.accessToken(grant)
  t.equal(refreshesAt(emulator), people, 'and the stored token is the one that Miro issued')

  emulator.clock.advance(51 * day)
  const delay = emulator.faults.add({ do: 'delay', ms: 500, on: 'token', when: 'after', times: people })
  await one.boss.send(queue, {})
  await delay.hit
  await Promise.all([one.app.close(), two.app.close()])
  t.equal(refreshesAt(emulator), 2 * people)
  const later = await startApp(t, emulator, { miro: { store: postgresStore({ pool }) } })
  for (const grant of grants) await later.miro.auth.accessToken(grant)
  t.equal(refreshesAt(emulator), 2 * people, 'a shutdown during a run loses no token')
})

async function untilDone (boss: PgBoss, id: string): Promise<void> {
  for (;;) {
    const job = await boss.getJobById(queue, id)
    if (job?.state === 'completed') return
    if (job?.state === 'failed') throw new Error('The job failed.')
    await sleep(200)
  }
}
