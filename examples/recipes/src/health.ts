import type { FastifyInstance } from 'fastify'

const timeoutMs = 1000
/** No value is ever stored under this key: reading it tells whether the store answers. */
const key = 'miro:health:ready'

/**
 * Adds `/health/live`, which this process answers as long as it runs, and `/health/ready`, which needs the store.
 *
 * Neither asks Miro: an outage of Miro affects all processes alike, and taking them out of service would not help. The
 * answers hold the status only, so the routes may be public; the reason is in the log.
 */
export function registerHealth (app: FastifyInstance): void {
  app.get('/health/live', { logLevel: 'warn' }, async () => ({ status: 'ok' }))

  app.get('/health/ready', { logLevel: 'warn' }, async (request, reply) => {
    try {
      await withTimeout(app.miro.auth.store.get(key))
      return { status: 'ok' }
    } catch (error) {
      request.log.warn(error, 'not ready')
      return reply.code(503).send({ status: 'unavailable' })
    }
  })
}

async function withTimeout<T> (work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`The store did not answer within ${timeoutMs} ms.`)), timeoutMs)
  })
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer))
}
