/** A stored text, and when it stops existing (epoch milliseconds by the store's clock, `null` = never). */
export interface Entry {
  body: string
  expiresAt: number | null
}

/** An entry as read, with its version and how many milliseconds ago, by the store's clock, that version was written. */
export interface Versioned extends Entry {
  version: string
  ageMs: number
}

/** How a compare-and-set ended. When it failed, `current` was read after the failure. */
export type CasResult =
  | { ok: true, version: string }
  | { ok: false, current: Versioned | null }

/** Which keys a {@link Store.scan} asks for. */
export interface ScanQuery {
  prefix: string
  /**
   * Only entries that expire strictly before this instant (epoch milliseconds). `null`: all, those without expiry too.
   */
  expiresBefore: number | null
  /** Where the last page ended. */
  cursor?: string | undefined
  limit: number
}

/**
 * Where everything durable lives: grants, links, sessions and spent flows.
 *
 * `cas` is linearizable per key. `expected: null` means "must not exist", `next: null` deletes. A version is never used
 * twice, not even after delete and re-insert, and is made by the client, so that a lost reply can be told from a lost
 * write. An expired entry is absent. An error that a store throws reaches logs
 * as the `cause` of MIRO_STORE, so it must hold no body. Prove an adapter with `storeContract` of
 * `@miro-oauth/core/testing`.
 */
export interface Store {
  /** The entry of a key, or `null`. */
  get: (key: string) => Promise<Versioned | null>
  /**
   * The entries of 2 to 100 different keys, in their order, each as `get` returns it; an error in the place of a key
   * that alone cannot be read. Only for a store of which one such call costs less than a call for each key: the reads
   * that begin in one turn of the event loop are then gathered, and sent at its end.
   */
  getAll?: ((keys: readonly string[]) => Promise<Array<Versioned | null | Error>>) | undefined
  /** Replaces the entry of version `expected`, and no other. */
  cas: (key: string, expected: string | null, next: Entry | null) => Promise<CasResult>
  /**
   * Keys that begin with `prefix`, taken literally, and whose entry is not over; one without expiry is found only where
   * `expiresBefore` is `null`. A page may be short or empty and still have a `cursor`; one without is the last. An
   * entry that is written, deleted or expires while pages are read may be found or not; one that stands all the while
   * is found. With an instant the keys may come in the order in which they expire, and `refreshDue` asks so each day: a
   * store with an index on expiry by kind finds the few that are due without looking at the others.
   */
  scan?: ((query: ScanQuery) => Promise<{ keys: string[], cursor?: string | undefined }>) | undefined
}
