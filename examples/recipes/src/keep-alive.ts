import type { FastifyInstance } from 'fastify'
import type PgBoss from 'pg-boss'

export const queue = 'miro-keep-alive'

/**
 * Refreshes idle grants once a day, before Miro ends them after 60 days. Register it in every process: pg-boss gives the
 * day's run to one of them, and to another one if that does not finish it.
 *
 * @param options.boss made by the app, started and stopped here
 */
export async function keepAlive (app: FastifyInstance, { boss }: { boss: PgBoss }): Promise<void> {
  const leaving = new AbortController()
  boss.on('error', (error) => app.log.error(error))
  // Before the server closes: what was sent is finished while Miro and the store can still be reached.
  app.addHook('preClose', async () => {
    leaving.abort()
    await boss.stop()
  })
  await boss.start()
  // Singleton: one run at a time. A run that is stopped is tried again from a minute later on, by whichever process is there.
  await boss.createQueue(queue, { name: queue, policy: 'singleton', retryLimit: 8, retryDelay: 60, retryBackoff: true, expireInHours: 12 })
  await boss.schedule(queue, '17 3 * * *')
  await boss.work(queue, () => refreshIdleGrants(app, leaving.signal))
}

/** Page by page. From the start each time, since what was refreshed is out of the way. */
async function refreshIdleGrants (app: FastifyInstance, signal: AbortSignal): Promise<void> {
  let cursor: string | undefined
  do {
    const page = await app.miro.auth.refreshDue({ cursor, signal })
    app.log.info({ keepAlive: { refreshed: page.refreshed, failed: page.failed, skipped: page.skipped } }, 'idle grants')
    if (page.stopped) throw new Error('This run was stopped before its end.')
    cursor = page.cursor
  } while (cursor !== undefined)
}
