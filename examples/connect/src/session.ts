import cookie from '@fastify/cookie'
import session from '@fastify/session'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface Session {
    /** Who is logged in. */
    personId?: string
  }
}

/** The app's own login state. The Miro plugin keeps none here, and asks for `personId`. */
export interface Sessions {
  begin: (request: FastifyRequest, personId: string) => Promise<void>
  end: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
}

const eightHours = 8 * 60 * 60_000

/** Registers @fastify/session: `request.session` from here on. */
export async function registerSessions (app: FastifyInstance, { secret, isHttps }: { secret: string, isHttps: boolean }): Promise<Sessions> {
  // With `__Host-` no other host of the domain can set it; browsers refuse the prefix on plain http.
  const cookieName = isHttps ? '__Host-session' : 'session'
  const attributes = {
    path: '/',
    httpOnly: true,
    secure: isHttps,
    // Not `strict`: people come back from Miro's site, and a strict cookie does not come along from there. The callback
    // would find nobody logged in (MIRO_NO_APP_USER).
    sameSite: 'lax'
  } as const
  await app.register(cookie)
  await app.register(session, {
    secret,
    cookieName,
    cookie: { ...attributes, maxAge: eightHours },
    // Nobody gets a cookie for looking at the login page.
    saveUninitialized: false,
    // `true` writes the session back with every answer: a page that waited for Miro would revive one that was ended meanwhile.
    rolling: false
  })

  return {
    /** Under a new id: one that somebody else knew before, or had planted here, is worth nothing after a login. */
    async begin (request, personId) {
      await request.session.regenerate()
      request.session.personId = personId
    },
    async end (request, reply) {
      await request.session.destroy()
      reply.clearCookie(cookieName, attributes)
    }
  }
}
