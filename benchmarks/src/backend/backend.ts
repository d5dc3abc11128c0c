import type { Store } from '@miro-oauth/core'
import type { BackendKind } from './backend-kind.js'

/** Texts by id, read and written in the plainest way that the server has: what an app without the plugin does. */
export interface Texts {
  get: (id: string) => Promise<string | null>
  set: (id: string, text: string) => Promise<void>
  delete: (id: string) => Promise<void>
}

/** Where records are: the store of the plugin, and plain texts on the same server over the same connections. */
export interface Backend {
  kind: BackendKind
  store: Store
  texts: Texts
  /** The same read as a prepared statement, where the server has such a thing. */
  getPrepared: (id: string) => Promise<string | null>
  /** Forgets everything. */
  clear: () => Promise<void>
  /** What the server says its records take, in bytes. */
  bytes: () => Promise<number>
  close: () => Promise<void>
}
