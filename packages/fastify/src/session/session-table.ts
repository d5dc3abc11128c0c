import type { Clock, Store, Versioned } from '@miro-oauth/core'
import { BoundedMap, ParsedBodies, storeKey } from '@miro-oauth/core/internal'
import type { FastifyRequest } from 'fastify'
import type { SessionEnding } from '../plugin-event.js'
import type { SessionEvents } from './session-events.js'
import { expiryOf, parseSession, recordIdOf, toEntry, type Session, type SessionLimits } from './session-record.js'

/** What sessions are kept in, and for how long. */
export interface SessionTableOptions extends SessionLimits {
  store: Store
  clock: Pick<Clock, 'now'>
  clientId: string
  events: SessionEvents
}

/** A session as it was read. */
interface StoredSession {
  session: Session
  version: string
  /** By its own instants, it has ended, though its record is still there. */
  isOver: boolean
  /** Epoch milliseconds. */
  readAt: number
}

/** Where the record of a session is kept. */
interface Place {
  recordId: string
  key: string
}

/** How many sessions' places are remembered. */
const placesLimit = 1000

/** Reads and writes the records of sessions, by their record id: see `recordIdOf`. */
export class SessionTable {
  readonly #options: SessionTableOptions
  readonly #parsed = new ParsedBodies<Session>()
  /**
   * By session id, since hashing an id took a fifth of a request. It is no proof of a session: the record is read each
   * time. Only ids whose session was found come in, and each goes once its session is found to have ended.
   */
  readonly #places = new BoundedMap<Place>(placesLimit)

  constructor (options: SessionTableOptions) {
    this.#options = options
  }

  /** @throws {StoreError | RecordError} */
  async read (recordId: string): Promise<StoredSession | null> {
    const key = this.#keyOf(recordId)
    return this.#toStored(key, await this.#options.store.get(key))
  }

  /** The same by the id of a session. @throws {StoreError | RecordError} */
  async find (id: string): Promise<{ recordId: string, stored: StoredSession | null }> {
    const known = this.#places.get(id)
    const { recordId, key } = known ?? this.#placeOf(id)
    const stored = this.#toStored(key, await this.#options.store.get(key))
    if (stored === null || stored.isOver) this.#places.delete(id)
    else if (known === undefined) this.#places.set(id, { recordId, key })
    return { recordId, stored }
  }

  /**
   * Writes a new session, for work that gives it its place in the index. If that fails, the session goes: its id was
   * given to no browser.
   *
   * @throws {StoreError} and what the work throws
   */
  async insertFor<T> (recordId: string, session: Session, work: () => Promise<T>): Promise<T> {
    await this.#options.store.cas(this.#keyOf(recordId), null, toEntry(session, this.#options))
    return work().catch(async (error: unknown) => {
      await this.delete(recordId).catch(() => {})
      throw error
    })
  }

  /**
   * Notes that a session was used. Detached, and only once a tenth of the idle time has passed: a read must not cost a
   * write.
   */
  touch (recordId: string, { session, version, readAt }: StoredSession): void {
    const { store, idleMs } = this.#options
    if (readAt - session.touchedAt < idleMs / 10) return
    store.cas(this.#keyOf(recordId), version, toEntry({ ...session, touchedAt: readAt }, this.#options)).catch(() => {})
  }

  /** Deletes a record. Returns its session to the caller that ended it; `null` to all others. @throws {StoreError} */
  async delete (recordId: string): Promise<Session | null> {
    const { store } = this.#options
    const key = this.#keyOf(recordId)
    for (let current = await store.get(key); current !== null;) {
      const result = await store.cas(key, current.version, null)
      if (result.ok) return sessionOf(current)
      current = result.current
    }
    return null
  }

  /** The same, with the event of that end. @throws {StoreError} */
  async end (cause: FastifyRequest | null, recordId: string, why: SessionEnding): Promise<Session | null> {
    const session = await this.delete(recordId)
    if (session !== null) this.#options.events.ended(cause, session, why)
    return session
  }

  #toStored (key: string, found: Versioned | null): StoredSession | null {
    if (found === null) return null
    const session = this.#parsed.read(key, found, parseSession)
    const readAt = this.#options.clock.now()
    return { session, version: found.version, isOver: readAt >= expiryOf(session, this.#options), readAt }
  }

  #placeOf (id: string): Place {
    const recordId = recordIdOf(id)
    return { recordId, key: this.#keyOf(recordId) }
  }

  #keyOf (recordId: string): string {
    return storeKey('session', this.#options.clientId, recordId)
  }
}

/** `null`: the record held no session, which must not keep a caller from deleting it. */
function sessionOf ({ body }: Versioned): Session | null {
  try {
    return parseSession(body)
  } catch {
    return null
  }
}
