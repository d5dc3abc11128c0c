/** One server, or one master of a Cluster. */
export interface Server {
  /** Unique among the masters of a Cluster; empty for a single server. */
  name: string
  /** The answer to `INFO memory`. */
  info: () => Promise<string>
  /** One step through the keys that match a pattern. */
  scan: (cursor: string, match: string, count: number) => Promise<{ cursor: string, keys: string[] }>
}

/** The commands that the store uses, the same for every client library. */
export interface Commands {
  /** The prefix that the client itself puts before every key that it sends, but not before patterns. */
  keyPrefix: string
  /** Whether keys may be on several servers: a script then has one key. */
  isCluster: boolean
  /** Runs a script, by its SHA-1 or by its text, on the server that holds the keys. */
  script: (by: 'sha1' | 'text', script: string, keys: readonly string[], args: string[]) => Promise<unknown>
  /** Every server that holds keys. */
  servers: () => Promise<Server[]>
}

/** Converts a reply to text: a client can be configured to return bytes. */
export function toText (value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString() : String(value)
}

export function toTexts (value: unknown): string[] {
  return toList(value).map(toText)
}

export function toList (value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Error('Redis answered something other than a list.')
  return value
}
