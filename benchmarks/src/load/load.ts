import { performance } from 'node:perf_hooks'
import { openConnection, type Target } from './connection.js'

/** What a server did under load. */
export interface Load {
  requests: number
  /** Milliseconds, from the first request to the last answer. */
  elapsedMs: number
}

/** Has `connections` clients send requests for `ms` milliseconds, each the next one when it has its answer. */
export async function load (target: Target, { connections, ms }: { connections: number, ms: number }): Promise<Load> {
  const opened = await Promise.all(Array.from({ length: connections }, () => openConnection(target)))
  const startedAt = performance.now()
  const isOver = (): boolean => performance.now() - startedAt >= ms
  try {
    const answered = await Promise.all(opened.map((connection) => connection.run(isOver)))
    return { requests: answered.reduce((sum, count) => sum + count, 0), elapsedMs: performance.now() - startedAt }
  } finally {
    for (const connection of opened) connection.close()
  }
}
