import { RecordError, type Store, type Versioned } from '@miro-oauth/core'
import { isJsonObject, storeKey } from '@miro-oauth/core/internal'

/** Where a session of a person is kept. One that is changing its id has two places for a moment. */
export interface SessionPlace {
  publicId: string
  recordId: string
  /** The team of its grant; the user is the person whose index this is. */
  teamId: string
  /** Epoch milliseconds. */
  endsAt: number
}

interface UpdateOptions {
  loaded?: Versioned | null | Promise<Versioned | null>
  overwritesUnreadable?: boolean
}

/**
 * One record for each person, with the places of their sessions, oldest first. An index and no authority: a session
 * lives while its own record does.
 */
export class SessionIndex {
  readonly #store: Store
  readonly #clientId: string

  constructor ({ store, clientId }: { store: Store, clientId: string }) {
    this.#store = store
    this.#clientId = clientId
  }

  /** @throws {StoreError | RecordError} */
  async read (userId: string): Promise<SessionPlace[]> {
    return placesOf(await this.load(userId))
  }

  /** The record of a person's index, for {@link update}. `null`: there is none. @throws {StoreError} */
  async load (userId: string): Promise<Versioned | null> {
    return this.#store.get(this.#keyOf(userId))
  }

  /**
   * Changes a person's index by compare-and-set.
   *
   * @param change makes the new list, anew for each attempt. What it returns as it got it is not written
   * @param options.loaded the record that the first attempt expects. Default: it is read
   * @param options.overwritesUnreadable an index that cannot be read counts as empty. Default: it is left as it is
   * @throws {StoreError | RecordError} and what `change` throws
   */
  async update (
    userId: string,
    change: (places: SessionPlace[]) => SessionPlace[] | Promise<SessionPlace[]>,
    { loaded = this.load(userId), overwritesUnreadable = false }: UpdateOptions = {}
  ): Promise<void> {
    const key = this.#keyOf(userId)
    for (let current = await loaded; ;) {
      const places = placesOf(current, overwritesUnreadable ? [] : null)
      const next = await change(places)
      if (next === places) return
      const result = await this.#store.cas(key, current?.version ?? null, toEntry(next))
      if (result.ok) return
      current = result.current
    }
  }

  /** Adds the place that a session has under its new id, behind the old one. @throws {StoreError | RecordError} */
  async addBeside (userId: string, oldRecordId: string, place: SessionPlace): Promise<void> {
    await this.update(userId, (places) => {
      const old = places.findIndex(({ recordId }) => recordId === oldRecordId)
      return places.toSpliced(old === -1 ? places.length : old + 1, 0, place)
    })
  }

  /** Best effort: a place without a session does no harm, and goes when the index is next written. */
  async remove (userId: string, recordId: string): Promise<void> {
    await this.update(userId, (places) => {
      const others = places.filter((place) => place.recordId !== recordId)
      return others.length === places.length ? places : others
    }).catch(() => {})
  }

  #keyOf (userId: string): string {
    return storeKey('sessions', this.#clientId, userId)
  }
}

/** The record ends with the last session that it may hold. */
function toEntry (places: SessionPlace[]): { body: string, expiresAt: number } | null {
  if (places.length === 0) return null
  return { body: JSON.stringify({ format: 1, places }), expiresAt: Math.max(...places.map(({ endsAt }) => endsAt)) }
}

/**
 * The places in the record of an index, oldest first.
 *
 * @param otherwise in place of what cannot be read; `null`: an error
 * @throws {RecordError}
 */
export function placesOf (found: Versioned | null, otherwise: SessionPlace[] | null = null): SessionPlace[] {
  if (found === null) return []
  try {
    const record: unknown = JSON.parse(found.body)
    if (isJsonObject(record) && record['format'] === 1 && Array.isArray(record['places']) && record['places'].every(isPlace)) {
      return record['places']
    }
  } catch {
    // Not JSON: the same failure as JSON of another shape.
  }
  if (otherwise !== null) return otherwise
  throw new RecordError()
}

function isPlace (value: unknown): value is SessionPlace {
  return isJsonObject(value) && ['publicId', 'recordId', 'teamId'].every((name) => typeof value[name] === 'string') &&
    Number.isFinite(value['endsAt'])
}
