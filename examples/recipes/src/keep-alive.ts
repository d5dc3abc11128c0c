import type { FastifyInstance } from 'fastify'
import type PgBoss from 'pg-boss'

export const queue = 'miro-keep-alive'

/**
 * Refreshes idle grants once a day, since Miro ends a grant that was not refreshed for 60 days.
 *
 * Register it in every process: pg-boss gives the run of the day to one of them, and to another one if the first does
 * not finish it.
 *
 * @param options.boss created by the app, started and stopped here
 */
export async function keepAlive (app: FastifyInstance, { boss }: { boss: PgBoss }): Promise<void> {
  const shutdown = new AbortController()
  boss.on('error', (error) => app.log.error(error))
  // `preClose` runs before the plugin closes: requests that were sent to Miro can still finish and be stored.
  app.addHook('preClose', async () => {
    shutdown.abort()
    await boss.stop()
  })
  await boss.start()
  await boss.createQueue(queue, {
    name: queue,
    // One run at a time.
    policy: 'singleton',
    // A run that was stopped is tried again after a minute, by any process.
    retryLimit: 8,
    retryDelay: 60,
    retryBackoff: true,
    expireInHours: 12
  })
  await boss.schedule(queue, '17 3 * * *')
  await boss.work(queue, () => refreshIdleGrants(app, shutdown.signal))
}

/** Goes through all grants, page by page. A retry does so too: grants that were refreshed are not due. */
async function refreshIdleGrants (app: FastifyInstance, signal: AbortSignal): Promise<void> {
  let cursor: string | undefined
  do {
    const page = await app.miro.auth.refreshDue({ cursor, signal })
    const { refreshed, failed, skipped, revoked, revocationsPending, stopped } = page
    app.log.info({ keepAlive: { refreshed, failed, skipped, revoked, revocationsPending } }, 'idle grants')
    if (stopped) throw new Error('This run was stopped before its end.')
    cursor = page.cursor
  } while (cursor !== undefined)
}
