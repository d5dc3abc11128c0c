import cookie from '@fastify/cookie'
import session from '@fastify/session'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { People, Person } from './people.js'

declare module 'fastify' {
  interface Session {
    /** The person who is logged in. */
    personId?: string
  }

  interface FastifyInstance {
    sessions: Sessions
  }

  interface FastifyRequest {
    /** The person who is logged in. */
    person: Person | null
  }

  interface FastifyReply {
    /** What every template can read. */
    locals: { person: Person | null } | undefined
  }
}

/** Begins and ends the app's own logins. The Miro plugin keeps no session here. */
interface Sessions {
  begin: (request: FastifyRequest, personId: string) => Promise<void>
  end: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
}

const eightHoursMs = 8 * 60 * 60_000

/** Registers @fastify/session, and says on every request who is logged in. */
export const sessions = fp(async (app: FastifyInstance, { secret, isHttps, people }: {
  secret: string
  isHttps: boolean
  people: People
}) => {
  // `__Host-` keeps other hosts of the domain from setting the cookie. Browsers refuse the prefix on plain http.
  const cookieName = isHttps ? '__Host-session' : 'session'
  // Not `strict`: that cookie is not sent when Miro redirects the browser back, and the callback would fail with
  // MIRO_NO_APP_USER.
  const attributes = { path: '/', httpOnly: true, secure: isHttps, sameSite: 'lax' } as const
  await app.register(cookie)
  await app.register(session, {
    secret,
    cookieName,
    cookie: { ...attributes, maxAge: eightHoursMs },
    // No cookie before a login.
    saveUninitialized: false,
    // `true` saves the session with every answer: a page that waited for Miro would restore a session that a logout
    // ended meanwhile.
    rolling: false
  })

  app.decorate('sessions', {
    // Under a new id. The old one may be known to an earlier user, or planted by an attacker (session fixation).
    async begin (request, personId) {
      await request.session.regenerate()
      request.session.personId = personId
    },
    async end (request, reply) {
      await request.session.destroy()
      reply.clearCookie(cookieName, attributes)
    }
  })
  app.decorateRequest('person', null)
  app.addHook('onRequest', async (request, reply) => {
    // Looked up on each request: the session of a deleted account must not count.
    request.person = people.find(request.session.personId)
    reply.locals = { person: request.person }
  })
}, { name: 'example-sessions' })
