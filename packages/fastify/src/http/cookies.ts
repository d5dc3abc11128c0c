import { createHash } from 'node:crypto'
import { parse, serialize } from 'cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * Our cookies: read from the header itself and written with every attribute explicit, whatever the host's own
 * @fastify/cookie was set to, and whichever copy of it is loaded.
 */
export interface Cookies {
  /** Every cookie the browser sent, by name. */
  read: (request: FastifyRequest) => Record<string, string | undefined>
  set: (reply: FastifyReply, name: string, value: string, maxAgeMs: number) => void
  clear: (reply: FastifyReply, name: string) => void
  /** The full name of a cookie of ours. */
  nameOf: (purpose: string) => string
}

/**
 * Makes {@link Cookies} for an app. On https the names carry `__Host-`, which no other host and no plain-http page can
 * set; on http loopback, where browsers refuse that prefix, they are plain.
 */
export function createCookies ({ origin, decorator, clientId }: { origin: string, decorator: string, clientId: string }): Cookies {
  const secure = origin.startsWith('https:')
  // Client ids of Miro are digits; anything else is hashed to fit a cookie's name.
  const app = /^\w{1,40}$/.test(clientId) ? clientId : createHash('sha256').update(clientId).digest('hex').slice(0, 16)
  const attributes = { httpOnly: true, path: '/', sameSite: 'lax', secure } as const

  function write (reply: FastifyReply, name: string, value: string, maxAge: number): void {
    reply.header('set-cookie', serialize(name, value, { ...attributes, maxAge }))
  }

  return {
    read: (request) => request.headers.cookie === undefined ? {} : parse(request.headers.cookie),
    set: (reply, name, value, maxAgeMs) => write(reply, name, value, Math.floor(maxAgeMs / 1000)),
    clear: (reply, name) => write(reply, name, '', 0),
    nameOf: (purpose) => `${secure ? '__Host-' : ''}${decorator}_${app}_${purpose}`
  }
}
