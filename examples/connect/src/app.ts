import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import formbody from '@fastify/formbody'
import helmet from '@fastify/helmet'
import view from '@fastify/view'
import { fastifyMiro, type FastifyMiroOptions } from '@miro-oauth/fastify'
import { Eta } from 'eta'
import Fastify, { type FastifyInstance, type FastifyRequest, type FastifyServerOptions } from 'fastify'
import { registerErrorPages } from './error-pages.js'
import { registerLoginPages } from './login-pages.js'
import type { People, Person } from './people.js'
import { registerSessions } from './session.js'
import { registerTeamPages } from './team-pages.js'

const views = fileURLToPath(new URL('../views', import.meta.url))
const miroFailed = '/miro-failed'

/** What the server is made of. */
export interface AppParts {
  miro: FastifyMiroOptions
  sessionSecret: string
  people: People
  /** Shown on the login page, if any. */
  demoPassword?: string | null
  logger?: FastifyServerOptions['logger']
}

declare module 'fastify' {
  interface FastifyReply {
    /** What every template can read. */
    locals: { person: Person | null } | undefined
  }
}

/** The whole server, ready to listen or to be tested through `inject`. */
export async function buildApp ({ miro, sessionSecret, people, demoPassword = null, logger = false }: AppParts): Promise<FastifyInstance> {
  const isHttps = /^https:/i.test(miro.redirectUri ?? '')
  // https ends at a proxy on this machine or its private network, whose word for it a Secure session cookie needs.
  const app = Fastify({ logger, trustProxy: isHttps ? 'loopback, linklocal, uniquelocal' : false })
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
  // Before the Miro plugin, whose routes ask who is logged in.
  const sessions = await registerSessions(app, { secret: sessionSecret, isHttps })
  // Somebody whose account is gone is nobody, whatever their session says.
  const personOf = (request: FastifyRequest): Person | null => people.find(request.session.personId)
  await app.register(fastifyMiro, {
    ...miro,
    appUserId: (request) => personOf(request)?.id ?? null,
    requiredScopes: ['boards:read'],
    routes: { error: miroFailed }
  })
  app.addHook('onRequest', async (request, reply) => {
    // Pages show what one person may see: neither a shared cache nor the back button after logout may keep them.
    reply.header('cache-control', 'no-store')
    reply.locals = { person: personOf(request) }
  })

  registerErrorPages(app, { miroFailed })
  registerAssets(app)
  registerLoginPages(app, { origin: new URL(miro.redirectUri ?? '').origin, people, personOf, sessions, demoPassword })
  registerTeamPages(app, { personOf })
  return app
}

function registerAssets (app: FastifyInstance): void {
  for (const { file, type } of [{ file: 'style.css', type: 'text/css' }, { file: 'icon.svg', type: 'image/svg+xml' }]) {
    const content = readFileSync(`${views}/${file}`, 'utf8')
    app.get(`/${file}`, (_request, reply) => reply.header('cache-control', 'max-age=300').type(type).send(content))
  }
}
