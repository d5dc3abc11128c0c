import type { FastifyInstance } from 'fastify'

const patienceMs = 1000
/** Nothing is stored under it, and nothing ever will be. */
const key = 'miro:health:ready'

/**
 * `/health/live`: this process answers. `/health/ready`: it can serve, for its store answers.
 *
 * Neither looks at Miro: while Miro is away every process is, so taking them out of service would only make it worse.
 * Strangers may ask, and learn no more than the status; the reason is in the log.
 */
export function registerHealth (app: FastifyInstance): void {
  app.get('/health/live', { logLevel: 'warn' }, async () => ({ status: 'ok' }))

  app.get('/health/ready', { logLevel: 'warn' }, async (request, reply) => {
    try {
      await withinPatience(app.miro.auth.store.get(key))
      return { status: 'ok' }
    } catch (error) {
      request.log.warn(error, 'not ready')
      return reply.code(503).send({ status: 'unavailable' })
    }
  })
}

async function withinPatience<T> (work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`The store did not answer within ${patienceMs} ms.`)), patienceMs)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
