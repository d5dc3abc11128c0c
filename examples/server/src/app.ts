import { fileURLToPath } from 'node:url'
import formbody from '@fastify/formbody'
import view from '@fastify/view'
import { assets, errorPages, finishAnswers, pageHeaders, rateLimits, trustedProxies } from '@miro-oauth/example-shared'
import { fastifyMiro, type FastifyMiroOptions } from '@miro-oauth/fastify'
import { Eta } from 'eta'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { accountPages } from './account-pages.js'
import { boardPages } from './board-pages.js'
import { browserName } from './browser-name.js'
import { describeMiroError } from './failures.js'

const views = fileURLToPath(new URL('../views', import.meta.url))

/** Builds the server, ready to listen or to be tested through `inject`. */
export async function buildApp ({ miro, logger = false }: {
  miro: FastifyMiroOptions
  logger?: FastifyServerOptions['logger']
}): Promise<FastifyInstance> {
  // Behind a proxy all people would else be one client, with one rate limit.
  const app = Fastify({ logger, trustProxy: trustedProxies(miro), forceCloseConnections: true })
  await app.register(finishAnswers)
  await app.register(rateLimits)
  await app.register(formbody)
  await app.register(view, {
    engine: { eta: new Eta() },
    root: views,
    viewExt: 'eta',
    layout: 'layout',
    production: true
  })
  await app.register(pageHeaders)
  await app.register(fastifyMiro, {
    ...miro,
    // A person waits for the page. A nightly job may wait 75 seconds, which is the default.
    api: { rateLimitWaitMs: 5_000 },
    session: { label: ({ headers }) => browserName(headers['user-agent']), ...miro.session }
  })
  await app.register(errorPages, {
    describe: (error) => describeMiroError(error, { loginUrl: app.miro.loginUrl({ returnTo: '/boards' }) })
  })
  await app.register(assets, { folder: views })
  await app.register(boardPages)
  await app.register(accountPages)
  return app
}
