import { randomUUID } from 'node:crypto'
import { startStopwatch, type Clock } from '../clock.js'
import type { GrantRef } from '../grant/grant.js'
import type { ActiveGrant } from '../grant/grant-record.js'
import type { GrantTable, StoredGrant } from '../grant/grant-table.js'

/** A record whose lease is ours: the refresh token in it is the one to send. */
export interface LeasedGrant {
  record: ActiveGrant & { pair: { refreshToken: string }, lease: { id: string } }
  stored: StoredGrant
  /** How long the record had stood, by the store's clock, when it was leased. */
  standingMs: number
}

export type LeaseResult = { ok: true, leased: LeasedGrant } | { ok: false, stored: StoredGrant }

/** Writes leases into records: the lock of a refresh, in the record itself, so that lock and data cannot disagree. */
export class Leases {
  readonly #table: GrantTable
  readonly #clock: Clock
  readonly #longestMs: number
  readonly #closing: AbortSignal

  /** @param parts.longestMs how long a lease may take to be written; a later one may be worth nothing already */
  constructor (parts: { table: GrantTable, clock: Clock, longestMs: number, closing: AbortSignal }) {
    this.#table = parts.table
    this.#clock = parts.clock
    this.#longestMs = parts.longestMs
    this.#closing = parts.closing
  }

  /** Leases the record as seen. The refresh token to send is the one this write confirms. */
  async take (ref: GrantRef, stored: StoredGrant, { takeOver }: { takeOver: boolean }): Promise<LeaseResult> {
    const { record } = stored
    if (record?.status !== 'active') return { ok: false, stored }
    // Whoever held a lease that is taken over may have consumed the token.
    const result = await this.#write(ref, stored, { ...record, answerLost: record.answerLost || takeOver })
    if (result.ok && this.#closing.aborted) return { ok: false, stored: await this.#giveBack(ref, result.leased) }
    return result
  }

  /** Starts the lease anew and notes that an answer was lost, whatever else was written into the record meanwhile. */
  async renew (ref: GrantRef, { record, stored: first }: LeasedGrant): Promise<LeaseResult> {
    for (let stored = first; ;) {
      if (stored.record?.status !== 'active' || stored.record.lease?.id !== record.lease.id) return { ok: false, stored }
      const result = await this.#write(ref, stored, { ...stored.record, answerLost: true })
      if (result.ok) return result
      stored = result.stored
    }
  }

  async #write (ref: GrantRef, stored: StoredGrant, record: ActiveGrant): Promise<LeaseResult> {
    const elapsedMs = startStopwatch(this.#clock)
    const lease = { id: randomUUID() }
    const standing = await this.#table.replaceOrLook(ref, stored, { ...record, lease })
    const leased = toLeasedGrant(standing, lease.id, stored.ageMs)
    if (leased === null) return { ok: false, stored: standing }
    return elapsedMs() <= this.#longestMs ? { ok: true, leased } : { ok: false, stored: await this.#giveBack(ref, leased) }
  }

  async #giveBack (ref: GrantRef, { record, stored }: LeasedGrant): Promise<StoredGrant> {
    return (await this.#table.replace(ref, stored, { ...record, lease: null })).stored
  }
}

function toLeasedGrant (stored: StoredGrant, leaseId: string, standingMs: number): LeasedGrant | null {
  const { record } = stored
  if (record?.status !== 'active' || record.lease?.id !== leaseId || record.pair.refreshToken === null) return null
  const { refreshToken } = record.pair
  return { record: { ...record, lease: record.lease, pair: { ...record.pair, refreshToken } }, stored, standingMs }
}
