import { memoryStore } from '@miro-oauth/core'
import type { Backend } from './backend.js'

/** @param limit how many records of a kind it holds */
export function openMemory (limit?: number): Backend {
  const texts = new Map<string, string>()
  const get = async (id: string): Promise<string | null> => texts.get(id) ?? null
  return {
    kind: 'memory',
    store: memoryStore(limit === undefined ? {} : { limit }),
    texts: {
      get,
      set: async (id, text) => { texts.set(id, text) },
      delete: async (id) => { texts.delete(id) }
    },
    getPrepared: get,
    clear: async () => { throw new Error('A store in memory is not cleared: open another.') },
    bytes: async () => {
      globalThis.gc?.()
      return process.memoryUsage().heapUsed
    },
    close: async () => {}
  }
}
