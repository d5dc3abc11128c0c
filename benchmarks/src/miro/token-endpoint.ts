import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

/** What {@link startTokenEndpoint} returns. */
export interface TokenEndpoint {
  url: string
  /** How many requests of any kind came. */
  requests: () => number
  /** How many refreshes were granted. */
  refreshes: () => number
  /** How long the next answers take, in milliseconds. Default 0. */
  answerAfter: (ms: number) => void
  close: () => Promise<void>
}

/** Ids have the length of Miro's. */
export function idOf (number: number): string {
  return `34587645${String(number).padStart(11, '0')}`
}

/** The refresh token that {@link startTokenEndpoint} takes first for a person; any that begins so is taken once. */
export function newRefreshToken (userId: string): string {
  return `refresh-${userId}-${randomBytes(12).toString('base64url')}`
}

export const teamId = idOf(3)
export const scope = 'boards:read boards:write'

/**
 * Stands in for the part of Miro that signs in and refreshes. It does as little as possible, since it runs on the same
 * machine: a code or refresh token names its user, and is taken once; a second time is 400, as at Miro.
 */
export async function startTokenEndpoint (): Promise<TokenEndpoint> {
  const spent = new Set<string>()
  let requests = 0
  let refreshes = 0
  let delayMs = 0
  async function answer (request: IncomingMessage): Promise<[number, unknown]> {
    requests++
    const sent = await text(request)
    if (delayMs > 0) await sleep(delayMs)
    if (request.method === 'GET') return [200, contextOf(request.headers.authorization ?? '')]
    // @mirohq/miro-api sends the parameters in the address.
    const form = new URLSearchParams(sent === '' ? request.url?.split('?', 2)[1] : sent)
    const token = form.get('refresh_token') ?? form.get('code') ?? ''
    const hash = createHash('sha1').update(token).digest('base64url')
    if (spent.has(hash)) return [400, { status: 400, code: 'invalidParameters', message: 'used', type: 'error' }]
    spent.add(hash)
    if (form.has('refresh_token')) refreshes++
    return [200, tokenAnswer(userOf(token))]
  }
  const server = createServer((request, response) => {
    answer(request).then(([status, body]) => send(response, status, body), () => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    requests: () => requests,
    refreshes: () => refreshes,
    answerAfter: (ms) => { delayMs = ms },
    async close () {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}

/** An answer of the token endpoint, whose access token has the length of Miro's. */
export function tokenAnswer (userId: string): Record<string, unknown> {
  return {
    user_id: userId,
    team_id: teamId,
    scope,
    token_type: 'bearer',
    access_token: `eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_${userId}-${randomBytes(9).toString('base64url')}`,
    refresh_token: newRefreshToken(userId),
    expires_in: 3600
  }
}

function contextOf (authorization: string): unknown {
  const id = userOf(authorization)
  return { type: 'user', user: { id, name: 'Ada' }, team: { id: teamId, name: 'Team' }, scopes: scope.split(' '), createdBy: { id } }
}

function userOf (token: string): string {
  return /34587645\d{11}/.exec(token)?.[0] ?? idOf(0)
}

function send (response: ServerResponse, status: number, body: unknown): void {
  const sent = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }).end(sent)
}

function portOf (server: Server): number {
  return (server.address() as AddressInfo).port
}
