import type { FastifyRequest } from 'fastify'
import { readPath } from './parameters.js'

/** One request to the emulated Miro, without its query, headers and body, because they may contain secrets. */
export interface RecordedRequest {
  method: string
  /** The path alone, cut to 200 characters. */
  path: string
  /** 0 where a fault dropped the connection. */
  status: number
  /** What an app should not do, such as `credentials in the query string`, and what faults did: `fault: drop`. */
  note?: string[]
}

// Bounds the memory of an emulator that runs for weeks. A test that counts requests stays far below it.
const maxEntries = 10_000

/** The requests in the order in which they were answered. Beyond 10,000 the oldest are dropped. */
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

/** Whether a path is one of the emulator's own pages, which are not logged: showing the log would fill it. */
export function isOwnPage (path: string): boolean {
  return path === '/' || path === '/favicon.ico' || path.startsWith('/emulator/')
}
