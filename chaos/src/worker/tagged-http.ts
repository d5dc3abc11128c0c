import http, { type ClientRequest } from 'node:http'
import https from 'node:https'
import { senderHeader } from '../miro/request-sender.js'

const miroHost = 'api.miro.com'

/** Makes the values of the sender header: the id of the process, a colon, and a number. */
export function senderNumbers (process: string): () => string {
  let last = 0
  return () => `${process}:${++last}`
}

/** `fetch` with the sender header. */
export function taggedFetch (nextNumber: () => string): (url: string, init?: RequestInit) => Promise<Response> {
  return (url, init) => {
    const headers = new Headers(init?.headers)
    headers.set(senderHeader, nextNumber())
    return fetch(url, { ...init, headers })
  }
}

/**
 * Adds the sender header to every request that a library sends through `node:http`, and redirects to `apiUrl` what
 * `@mirohq/miro-api` sends to the address of Miro that is built into it.
 */
export function tagLibraries (nextNumber: () => string, apiUrl: string): void {
  const { hostname, port } = new URL(apiUrl)
  const send = http.request.bind(http) as (...input: unknown[]) => ClientRequest
  const tagged = (...input: unknown[]): ClientRequest => {
    const request = send(...input)
    request.setHeader(senderHeader, nextNumber())
    return request
  }
  const redirected = (...input: unknown[]): ClientRequest => {
    const [options, ...rest] = input
    if (!isFor(options, miroHost)) throw new Error(`A library sent an https request to another host than ${miroHost}.`)
    return tagged({ ...options, protocol: 'http:', host: hostname, hostname, port, agent: undefined }, ...rest)
  }
  Object.assign(http, { request: tagged })
  Object.assign(https, { request: redirected })
}

function isFor (options: unknown, host: string): options is Record<string, unknown> {
  return typeof options === 'object' && options !== null && Reflect.get(options, 'hostname') === host
}
