import { hash } from 'node:crypto'
import { parse, serialize } from 'cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * The plugin's cookies: HttpOnly, SameSite=Lax, on the root path.
 *
 * They are read from the header itself and written with every attribute explicit, so that what the host set for
 * `@fastify/cookie`, or a second loaded copy of it, changes nothing. On https their names carry `__Host-`: no other
 * host and no plain-http page can plant such a cookie, which would be session fixation. On http loopback, where
 * browsers refuse that prefix, the names are plain.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-4.1.3.2
 */
export class Cookies {
  readonly #isSecure: boolean
  readonly #prefix: string

  constructor ({ origin, decorator, clientId }: { origin: string, decorator: string, clientId: string }) {
    this.#isSecure = origin.startsWith('https:')
    // Miro's client ids are digits. A stand-in's may hold characters that no cookie name can, so it is hashed.
    const app = /^\w{1,40}$/.test(clientId) ? clientId : hash('sha256', clientId, 'hex').slice(0, 16)
    this.#prefix = `${this.#isSecure ? '__Host-' : ''}${decorator}_${app}_`
  }

  /** The full name of one of the plugin's cookies. */
  nameOf (purpose: string): string {
    return this.#prefix + purpose
  }

  /** Every cookie that the browser sent, by name; the host's are among them. */
  read (request: FastifyRequest): Record<string, string | undefined> {
    return request.headers.cookie === undefined ? {} : parse(request.headers.cookie)
  }

  /** @param maxAgeMs `null`: the cookie ends with the browser */
  set (reply: FastifyReply, name: string, value: string, maxAgeMs: number | null): void {
    const attributes = { httpOnly: true, path: '/', sameSite: 'lax', secure: this.#isSecure } as const
    const age = maxAgeMs === null ? {} : { maxAge: Math.floor(maxAgeMs / 1000) }
    reply.header('set-cookie', serialize(name, value, { ...attributes, ...age }))
  }

  clear (reply: FastifyReply, name: string): void {
    this.set(reply, name, '', 0)
  }
}
