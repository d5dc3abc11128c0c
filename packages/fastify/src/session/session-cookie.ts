import type { GrantRef } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Cookies } from '../cookies.js'

/**
 * What the session cookie carries: the session's id, and a hint of its grant, so that session and grant can be read in
 * one round trip. The hint decides nothing; the session record confirms it.
 */
export interface SessionTicket {
  id: string
  hint: GrantRef | null
}

/** Reads and writes the session cookie. */
export interface SessionCookie {
  read: (request: FastifyRequest) => SessionTicket | null
  set: (reply: FastifyReply, ticket: { id: string, hint: GrantRef }) => void
  /** The same where no reply is at hand: `sendLater` sends it with the answer to this request. */
  setLater: (request: FastifyRequest, ticket: { id: string, hint: GrantRef }) => void
  sendLater: (request: FastifyRequest, reply: FastifyReply) => void
  clear: (reply: FastifyReply) => void
  /** The cookie as name and value. */
  format: (ticket: { id: string, hint: GrantRef }) => Record<string, string>
}

/** Makes a {@link SessionCookie}. */
export function createSessionCookie (cookies: Cookies, maxAgeMs: number): SessionCookie {
  const name = cookies.nameOf('session')
  const later = new WeakMap<FastifyRequest, { id: string, hint: GrantRef }>()

  function toValue ({ id, hint: { userId, teamId } }: { id: string, hint: GrantRef }): string {
    return plainId.test(userId) && plainId.test(teamId) ? `${id}.${userId}.${teamId}` : id
  }

  const set: SessionCookie['set'] = (reply, ticket) => cookies.set(reply, name, toValue(ticket), maxAgeMs)

  return {
    read (request) {
      const value = cookies.read(request)[name]
      return value === undefined ? null : parseTicket(value)
    },
    set,
    setLater: (request, ticket) => { later.set(request, ticket) },
    sendLater (request, reply) {
      const ticket = later.get(request)
      if (ticket !== undefined) set(reply, ticket)
    },
    clear: (reply) => cookies.clear(reply, name),
    format: (ticket) => ({ [name]: toValue(ticket) })
  }
}

/** An id as Miro's are. Any other gives no hint, which costs one more round trip. */
const plainId = /^[\w-]{1,64}$/

function parseTicket (value: string): SessionTicket | null {
  const [, id, userId, teamId] = /^([\w-]{43})(?:\.([\w-]{1,64})\.([\w-]{1,64}))?$/.exec(value) ?? []
  if (id === undefined) return null
  return { id, hint: userId === undefined || teamId === undefined ? null : { userId, teamId } }
}
