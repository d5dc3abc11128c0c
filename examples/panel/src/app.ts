import { fileURLToPath } from 'node:url'
import view from '@fastify/view'
import { assets, errorPages, finishAnswers, pageHeaders, rateLimits, trustedProxies } from '@miro-oauth/example-shared'
import { fastifyMiro, type FastifyMiroOptions } from '@miro-oauth/fastify'
import { Eta } from 'eta'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { describeMiroError } from './failures.js'
import { insideMiro } from './inside-miro.js'
import { pages } from './pages.js'
import { panelRoutes } from './panel-routes.js'

const views = fileURLToPath(new URL('../views', import.meta.url))

export interface AppOptions {
  miro: FastifyMiroOptions
  /** The id of the Miro team whose people may connect; default those of any team. */
  onlyTeam?: string | null
  logger?: FastifyServerOptions['logger']
}

/** Builds the server, ready to listen or to be tested through `inject`. */
export async function buildApp ({ miro, onlyTeam = null, logger = false }: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({ logger, trustProxy: trustedProxies(miro), forceCloseConnections: true })
  await app.register(finishAnswers)
  await app.register(rateLimits)
  await app.register(view, {
    engine: { eta: new Eta() },
    root: views,
    viewExt: 'eta',
    layout: 'layout',
    production: true
  })
  await app.register(pageHeaders, { scripts: true })
  await app.register(fastifyMiro, {
    ...miro,
    // A person waits for the page. A nightly job may wait 75 seconds, which is the default.
    api: { rateLimitWaitMs: 5_000 },
    panel: true,
    requiredScopes: ['boards:read'],
    routes: { install: insideMiro.installPath },
    admit: ({ grant }) => onlyTeam === null || grant.teamId === onlyTeam
  })
  await app.register(errorPages, { describe: describeMiroError })
  await app.register(assets, {
    folder: views,
    files: ['style.css', 'icon.svg', 'board.js', 'panel.js', 'view.js', 'sentences.js', 'item-text.js']
  })
  await app.register(pages, { miro })
  await app.register(panelRoutes)
  return app
}
