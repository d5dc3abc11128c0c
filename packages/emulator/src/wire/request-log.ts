import type { FastifyRequest } from 'fastify'
import { readPath } from './parameters.js'

/** One request that reached the emulated Miro. Neither its query nor its headers are kept, as both may hold secrets. */
export interface RecordedRequest {
  method: string
  /** The path alone, cut to 200 characters. */
  path: string
  /** 0 where a fault dropped the connection. */
  status: number
  /** What an app should not do, such as `credentials in the query string`, and what a fault did, such as `fault: drop`. */
  note?: string[]
}

// An emulator that runs for weeks must not grow; a test that counts requests stays far below this.
const maxEntries = 10_000

/** The requests in the order in which they were answered, the oldest dropped beyond 10,000. */
export class RequestLog {
  readonly entries: RecordedRequest[] = []
  readonly #notes = new WeakMap<FastifyRequest, string[]>()

  note (request: FastifyRequest, text: string): void {
    this.#notes.set(request, [...this.#notes.get(request) ?? [], text])
  }

  record (request: FastifyRequest, status: number): void {
    const path = readPath(request).slice(0, 200)
    if (isOwnPage(path)) return
    const note = this.#notes.get(request)
    this.entries.push({ method: request.method, path, status, ...(note !== undefined && { note }) })
    if (this.entries.length > maxEntries) this.entries.shift()
  }

  clear (): void {
    this.entries.length = 0
  }
}

/** The emulator's own pages are not Miro: showing the log must not fill it. */
export function isOwnPage (path: string): boolean {
  return path === '/' || path === '/favicon.ico' || path.startsWith('/emulator/')
}
