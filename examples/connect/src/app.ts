import { fileURLToPath } from 'node:url'
import formbody from '@fastify/formbody'
import view from '@fastify/view'
import { assets, errorPages, finishAnswers, pageHeaders, rateLimits, trustedProxies } from '@miro-oauth/example-shared'
import { fastifyMiro, type FastifyMiroOptions } from '@miro-oauth/fastify'
import { Eta } from 'eta'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { describeMiroError, miroFailurePage, miroFailurePath } from './failures.js'
import { loginPages } from './login-pages.js'
import type { People } from './people.js'
import { sessions } from './sessions.js'
import { teamPages } from './team-pages.js'

const views = fileURLToPath(new URL('../views', import.meta.url))

export interface AppOptions {
  miro: FastifyMiroOptions
  sessionSecret: string
  people: People
  /** Shown on the login page; `null` shows none. */
  demoPassword?: string | null
  logger?: FastifyServerOptions['logger']
}

/** Builds the server, ready to listen or to be tested through `inject`. */
export async function buildApp (options: AppOptions): Promise<FastifyInstance> {
  const { miro, sessionSecret, people, demoPassword = null, logger = false } = options
  const isHttps = /^https:/i.test(miro.redirectUri ?? '')
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
  // Before the Miro plugin, whose routes read `request.person`.
  await app.register(sessions, { secret: sessionSecret, isHttps, people })
  await app.register(fastifyMiro, {
    ...miro,
    // A person waits for the page. A nightly job may wait 75 seconds, which is the default.
    api: { rateLimitWaitMs: 5_000 },
    appUserId: (request) => request.person?.id ?? null,
    requiredScopes: ['boards:read'],
    routes: { error: miroFailurePath }
  })
  await app.register(errorPages, { describe: describeMiroError })
  await app.register(assets, { folder: views })
  await app.register(miroFailurePage)
  await app.register(loginPages, { people, demoPassword })
  await app.register(teamPages)
  return app
}
