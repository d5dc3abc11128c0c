import type { BackendAddress, BackendKind } from '../backend/backend-kind.js'
import { startChild, type Child } from '../child/start-child.js'
import type { DueWorkerInput } from './worker.js'

/** What stores are called in the tables. */
export const storeNames: Readonly<Record<BackendKind, string>> = {
  memory: '`memoryStore()`', redis: 'Redis', postgres: 'PostgreSQL', sqlite: 'SQLite'
}

/** Starts a process with a store. It can collect garbage when it is asked for the size of the store in memory. */
export function startWorker (address: BackendAddress, { miroUrl, limit }: Omit<DueWorkerInput, 'address'>): Promise<Child> {
  const input: DueWorkerInput = { address, miroUrl, limit }
  return startChild(new URL('worker.js', import.meta.url), input, ['--expose-gc', '--max-old-space-size=4096'])
}
