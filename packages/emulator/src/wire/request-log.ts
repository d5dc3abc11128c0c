import type { FastifyRequest } from 'fastify'

/** One request that reached the emulated Miro. Neither its query nor its headers are kept, as both may hold secrets. */
export interface RecordedRequest {
  method: string
  /** The path alone, cut to 200 characters. */
  path: string
  status: number
  /** What an app should not do, such as `credentials in the query string`. */
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
    const path = toPath(request.raw.url ?? '')
    if (isOwnPage(path)) return
    const note = this.#notes.get(request)
    this.entries.push({ method: request.method, path, status, ...(note !== undefined && { note }) })
    if (this.entries.length > maxEntries) this.entries.shift()
  }

  clear (): void {
    this.entries.length = 0
  }
}

function toPath (url: string): string {
  return url.split('?', 1).join('').slice(0, 200)
}

/** The emulator's own pages are not Miro: showing the log must not fill it. */
function isOwnPage (path: string): boolean {
  return path === '/' || path === '/favicon.ico' || path.startsWith('/emulator/')
}
