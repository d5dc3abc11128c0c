import { RecordError } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import type { SessionEnding } from '../plugin-event.js'
import { enterIndex } from './enter-index.js'
import { moveSession } from './move-session.js'
import { SessionIndex, type SessionPlace } from './session-index.js'
import { createSessionId, recordIdOf, type Session, type SessionGrant } from './session-record.js'
import { SessionTable, type SessionTableOptions } from './session-table.js'

interface SessionsOptions extends SessionTableOptions {
  /** How many sessions a person has at most. */
  limit: number
}

/**
 * The plugin's own sessions. The browser holds a random id, and the store only its hash: a copy of the store signs no
 * one in. Each login begins a session with a new id, which is the protection against session fixation.
 *
 * A session is written first, then its place in the index of its person, and only then the browser gets the id; it ends
 * in the order record, place. A crash in between leaves a place without a session, or a session whose id no browser was
 * given, and never one that is in use and that its person can neither see nor end.
 */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #table: SessionTable
  readonly #index: SessionIndex

  constructor (options: SessionsOptions) {
    this.#options = options
    this.#table = new SessionTable(options)
    this.#index = new SessionIndex(options)
  }

  /**
   * Begins a session, and ends the oldest ones of its person beyond the limit.
   *
   * @param cause the login; `null`: none, as in a test
   * @param options.replaces the id of the session that will end for it, and so does not count beside it
   * @param options.beside runs while the session is written, and must succeed before that has its place in the index
   * @returns its id: 256 random bits
   * @throws {StoreError | RecordError} and what `beside` throws
   */
  async begin (cause: FastifyRequest | null, grant: SessionGrant, { label, replaces, beside }: {
    label: string | null
    replaces: string | null
    beside: () => Promise<unknown>
  }): Promise<string> {
    const { clock, absoluteMs, limit, events } = this.#options
    const { userId, teamId, consentId } = grant
    const { id, recordId } = createSessionId()
    const now = clock.now()
    const times = { createdAt: now, touchedAt: now, endsAt: now + absoluteMs }
    const session = { userId, teamId, consentId, publicId: recordId, ...times, label }
    const [loading, working] = [this.#index.load(userId), beside()]
    // At once, since one of them may fail while the session is still being written.
    const bothOver = Promise.allSettled([loading, working])
    await this.#table.insertFor(recordId, session, async () => {
      await working
      const replacedRecordId = replaces === null ? null : recordIdOf(replaces)
      const loaded = await loading
      await enterIndex({ table: this.#table, index: this.#index, limit, replacedRecordId, loaded }, cause, session)
    }).finally(() => bothOver)
    events.began(cause, session)
    return id
  }

  /**
   * The session of an id; `null` once it was idle too long, is too old or was ended.
   *
   * @throws {StoreError | RecordError}
   */
  async find (request: FastifyRequest, id: string): Promise<Session | null> {
    const { recordId, stored } = await this.#table.find(id)
    if (stored?.isOver === false) {
      this.#table.touch(recordId, stored)
      return stored.session
    }
    if (stored === null) this.#options.events.unknown(request, recordId)
    // It has ended, also where the store does not take that.
    else await this.end(request, id, 'expired').catch(() => {})
    return null
  }

  /** The live sessions of a person, newest first. @throws {StoreError | RecordError} */
  async list (userId: string): Promise<Session[]> {
    const stored = await Promise.all((await this.#index.read(userId)).map(async ({ recordId }) => {
      return this.#table.read(recordId).catch(nullIfUnreadable)
    }))
    const live = stored.flatMap((one) => one === null || one.isOver ? [] : [one.session])
    return Array.from(new Map(live.map((session) => [session.publicId, session])).values()).reverse()
  }

  /**
   * Makes another grant of the same person the session's, and gives it a new id: the old one is dead at once.
   *
   * @returns the new id; `null`: the session has ended
   * @throws {StoreError | RecordError}
   */
  async move (id: string, grant: SessionGrant): Promise<string | null> {
    return moveSession({ table: this.#table, index: this.#index, clock: this.#options.clock }, id, grant)
  }

  /** Ends the session of an id, if there is one. @throws {StoreError} */
  async end (cause: FastifyRequest, id: string, why: SessionEnding): Promise<void> {
    const recordId = recordIdOf(id)
    const session = await this.#table.end(cause, recordId, why)
    if (session !== null) await this.#index.remove(session.userId, recordId)
  }

  /**
   * Ends those sessions of a person that are meant. Returns how many there were.
   *
   * One that changes its id at the same moment ends too: its new place makes this write fail, so that it is seen here,
   * or comes after this write, when its old record is gone, and then it does not move.
   *
   * @throws {StoreError | RecordError}
   */
  async endAll (cause: FastifyRequest | null, userId: string, { isMeant, why }: {
    isMeant: (place: SessionPlace) => boolean
    why: SessionEnding
  }): Promise<number> {
    const ended = new Set<string>()
    await this.#index.update(userId, async (places) => {
      const meant = places.filter(isMeant)
      const sessions = await Promise.all(meant.map(({ recordId }) => this.#table.end(cause, recordId, why)))
      for (const session of sessions) if (session !== null) ended.add(session.publicId)
      return meant.length === 0 ? places : places.filter((place) => !meant.includes(place))
    })
    return ended.size
  }
}

/** One record that cannot be read must not hide the others. */
function nullIfUnreadable (error: unknown): null {
  if (error instanceof RecordError) return null
  throw error
}
