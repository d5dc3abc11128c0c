import { performance } from 'node:perf_hooks'
import { openConnection, type Target } from './connection.js'

/** The answers of a server under load. */
export interface Load {
  requests: number
  /** Milliseconds, from the first request to the last answer. */
  elapsedMs: number
}

/** Sends requests over `connections` connections for `ms` milliseconds, each of them one person. */
export async function load (target: Target, { connections, ms }: { connections: number, ms: number }): Promise<Load> {
  const { cookies } = target
  const opened = await Promise.all(Array.from({ length: connections }, (_, index) => {
    return openConnection(target, cookies[index % cookies.length] ?? '')
  }))
  const startedAt = performance.now()
  const isOver = (): boolean => performance.now() - startedAt >= ms
  try {
    const answered = await Promise.all(opened.map((connection) => connection.run(isOver)))
    return { requests: answered.reduce((sum, count) => sum + count, 0), elapsedMs: performance.now() - startedAt }
  } finally {
    for (const connection of opened) connection.close()
  }
}
