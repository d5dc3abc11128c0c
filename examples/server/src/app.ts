import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import formbody from '@fastify/formbody'
import helmet from '@fastify/helmet'
import view from '@fastify/view'
import { fastifyMiro, type FastifyMiroOptions } from '@miro-oauth/fastify'
import { Eta } from 'eta'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { registerErrorPages } from './error-pages.js'
import { registerPages } from './pages.js'

const views = fileURLToPath(new URL('../views', import.meta.url))

/** The whole server, ready to listen or to be tested through `inject`. */
export async function buildApp ({ miro, logger = false }: {
  miro: FastifyMiroOptions
  logger?: FastifyServerOptions['logger']
}): Promise<FastifyInstance> {
  const app = Fastify({ logger })
  await app.register(formbody)
  await app.register(view, { engine: { eta: new Eta() }, root: views, viewExt: 'eta', layout: 'layout', production: true })
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"], styleSrc: ["'self'"], imgSrc: ["'self'"], formAction: ["'self'"], baseUri: ["'none'"], frameAncestors: ["'none'"]
      }
    },
    // With `no-referrer` a form would send `Origin: null`, which cannot prove that it is ours.
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' }
  })
  await app.register(fastifyMiro, miro)
  // Pages show what one person may see: neither a shared cache nor the back button after logout may keep them.
  app.addHook('onRequest', async (_request, reply) => { reply.header('cache-control', 'no-store') })

  registerErrorPages(app)
  registerAssets(app)
  registerPages(app, { origin: new URL(miro.redirectUri ?? '').origin })
  return app
}

function registerAssets (app: FastifyInstance): void {
  for (const { file, type } of [{ file: 'style.css', type: 'text/css' }, { file: 'icon.svg', type: 'image/svg+xml' }]) {
    const content = readFileSync(`${views}/${file}`, 'utf8')
    app.get(`/${file}`, (_request, reply) => reply.header('cache-control', 'max-age=300').type(type).send(content))
  }
}
