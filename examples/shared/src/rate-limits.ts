import rateLimit from '@fastify/rate-limit'
import fp from 'fastify-plugin'

/**
 * How many requests a client may send: far more than a person does, and few enough that a stranger cannot fill the
 * store. Registered before the Miro plugin, it counts that one's routes too.
 */
export const rateLimits = fp(async (app) => {
  await app.register(rateLimit, { max: 600, timeWindow: 60_000 })
}, { name: 'example-rate-limits' })
