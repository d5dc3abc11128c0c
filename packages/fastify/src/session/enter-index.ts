import { RecordError, type Versioned } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import { placesOf, type SessionIndex, type SessionPlace } from './session-index.js'
import type { Session } from './session-record.js'
import type { SessionTable } from './session-table.js'

/** What {@link enterIndex} works with. */
interface EnterIndexParts {
  table: SessionTable
  index: SessionIndex
  /** How many sessions a person has at most. */
  limit: number
  /** The session that ends for the new one; `null`: none. */
  replacedRecordId: string | null
  /** The index as it was read before; `null`: there was none. */
  loaded: Versioned | null
}

/**
 * Gives a new session its place in the index of its person. Places of sessions that have ended go, and the oldest
 * sessions beyond the limit end: otherwise one person who signs in again and again would fill the store.
 *
 * @throws {StoreError | RecordError}
 */
export async function enterIndex (
  parts: EnterIndexParts, cause: FastifyRequest | null, { publicId, userId, teamId, endsAt }: Session
): Promise<void> {
  const { table, index, limit, replacedRecordId, loaded } = parts
  // An index that cannot be read must not keep its person out: it is no authority.
  const ended = await endedPlaces(table, cause, placesOf(loaded, []))
  await index.update(userId, async (places) => {
    const live = places.filter(({ recordId }) => !ended.has(recordId))
    const others = live.filter(({ recordId }) => recordId !== replacedRecordId)
    const surplus = others.slice(0, Math.max(0, others.length + 1 - limit))
    await Promise.all(surplus.map(({ recordId }) => table.end(cause, recordId, 'limit')))
    return [...live.filter((place) => !surplus.includes(place)), { publicId, recordId: publicId, teamId, endsAt }]
  }, { loaded, overwritesUnreadable: true })
}

/** Record ids of sessions that have ended. One whose record cannot be read may be alive, and keeps its place. */
async function endedPlaces (
  table: SessionTable, cause: FastifyRequest | null, places: SessionPlace[]
): Promise<Set<string>> {
  const ended = await Promise.all(places.map(async ({ recordId }) => {
    const stored = await table.read(recordId).catch((error: unknown) => {
      if (error instanceof RecordError) return { isOver: false }
      throw error
    })
    // If only its place went, raised limits would bring it back to life, and no one could see it.
    if (stored?.isOver === true) await table.end(cause, recordId, 'expired')
    return stored === null || stored.isOver ? [recordId] : []
  }))
  return new Set(ended.flat())
}
