import http, { type ClientRequest } from 'node:http'
import https from 'node:https'
import { senderHeader } from '../miro/token-watch.js'

const miroHost = 'api.miro.com'

/** Numbers the requests of one process, so that the driver knows who sent which. */
export function senderNumbers (process: string): () => string {
  let last = 0
  return () => `${process}:${++last}`
}

/** `fetch` with the sender's number. */
export function taggedFetch (number: () => string): (url: string, init?: RequestInit) => Promise<Response> {
  return (url, init) => {
    const headers = new Headers(init?.headers)
    headers.set(senderHeader, number())
    return fetch(url, { ...init, headers })
  }
}

/**
 * Puts the number on everything that libraries send through `node:http`, and leads to `apiUrl` what one of them sends to
 * the address of Miro that it has built in.
 */
export function tagLibraries (number: () => string, apiUrl: string): void {
  const { hostname, port } = new URL(apiUrl)
  const send = http.request.bind(http) as (...input: unknown[]) => ClientRequest
  const tagged = (...input: unknown[]): ClientRequest => {
    const request = send(...input)
    request.setHeader(senderHeader, number())
    return request
  }
  const redirected = (...input: unknown[]): ClientRequest => {
    const [options, ...rest] = input
    if (!isFor(options, miroHost)) throw new Error('Only Miro is spoken to by https.')
    return tagged({ ...options, protocol: 'http:', host: hostname, hostname, port, agent: undefined }, ...rest)
  }
  Object.assign(http, { request: tagged })
  Object.assign(https, { request: redirected })
}

function isFor (options: unknown, host: string): options is Record<string, unknown> {
  return typeof options === 'object' && options !== null && Reflect.get(options, 'hostname') === host
}
