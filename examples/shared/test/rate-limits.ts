import Fastify from 'fastify'
import t from 'tap'
import { rateLimits } from '../src/rate-limits.js'

t.test('rate limits: a client has 600 requests a minute, and another client its own', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(rateLimits)
  app.get('/', async () => 'page')
  const statusOf = async (remoteAddress: string): Promise<number> => {
    return (await app.inject({ url: '/', remoteAddress })).statusCode
  }
  for (let request = 0; request < 600; request++) {
    if (await statusOf('192.0.2.1') !== 200) t.fail(`request ${request}`)
  }
  t.equal(await statusOf('192.0.2.1'), 429)
  t.equal(await statusOf('192.0.2.2'), 200)
})
