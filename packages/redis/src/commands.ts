/** One server, or one master of a Cluster. */
export interface Server {
  /** Tells the masters of a Cluster apart; empty for a server that stands alone. */
  name: string
  /** What `INFO memory` says. */
  info: () => Promise<string>
  /** One step through the names that match a pattern. */
  scan: (cursor: string, match: string, count: number) => Promise<{ cursor: string, keys: string[] }>
}

/** What the store asks of Redis, the same for every client library. */
export interface Commands {
  /** What the client itself puts before every key that it sends, though not before patterns. */
  keyPrefix: string
  /** Runs a script, by its SHA-1 or by its text, on one key and wherever that key lives. */
  script: (by: 'sha1' | 'text', script: string, key: string, args: string[]) => Promise<unknown>
  /** Every server that holds keys. */
  servers: () => Promise<Server[]>
}

/** Clients can be set up to hand out bytes in place of text. */
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
