import { randomUUID } from 'node:crypto'
import { startStopwatch, type Clock } from '../clock.js'
import type { GrantRef } from '../grant/grant.js'
import type { ActiveGrant } from '../grant/grant-record.js'
import type { StoredGrant } from '../grant/grant-table.js'
import type { RefreshContext } from './refresh-context.js'
import { confirmExpiryMs, leaseToRequestMs } from './timing.js'

/** A record under a lease of this process. The refresh token in it is the one to send. */
export interface LeasedGrant {
  record: ActiveGrant & { pair: { refreshToken: string }, refresh: { lease: { id: string } } }
  stored: StoredGrant
  /** How long the record had stood, by the store's clock, when it was leased. */
  recordAgeMs: number
}

export type LeaseResult = { ok: true, leased: LeasedGrant } | { ok: false, stored: StoredGrant }

/** Writes leases: the lock of a refresh stands in the record itself, so that lock and data cannot disagree. */
export class Leases {
  readonly #context: RefreshContext

  constructor (context: RefreshContext) {
    this.#context = context
  }

  /** Leases the record as stored. The refresh token to send is the one that this write confirms. */
  async take (ref: GrantRef, stored: StoredGrant, { takeOver }: { takeOver: boolean }): Promise<LeaseResult> {
    const { record } = stored
    if (record?.status !== 'active') return { ok: false, stored }
    // The holder of an expired lease may have sent the refresh token.
    const answerLost = record.refresh.answerLost || takeOver
    const result = await this.#write(ref, stored, { ...record, refresh: { ...record.refresh, answerLost } })
    if (result.ok && this.#context.shutdown.closing.aborted) {
      return {
        ok: false,
        stored: await this.#giveBack(ref, result.leased)
      }
    }
    return result
  }

  /** Starts the lease anew, and keeps whatever else was written into the record meanwhile. */
  async renew (ref: GrantRef, { record, stored: first }: LeasedGrant, { answerLost }: {
    answerLost: boolean
  }): Promise<LeaseResult> {
    for (let stored = first; ;) {
      const current = stored.record
      if (current?.status !== 'active' || current.refresh.lease?.id !== record.refresh.lease.id) return { ok: false, stored }
      const refresh = { ...current.refresh, answerLost: current.refresh.answerLost || answerLost }
      const result = await this.#write(ref, stored, { ...current, refresh })
      if (result.ok) return result
      stored = result.stored
    }
  }

  /** A lease whose write took too long is given back: it may run out before the request that it is for. */
  async #write (ref: GrantRef, stored: StoredGrant, record: ActiveGrant): Promise<LeaseResult> {
    const { table, clock, limits } = this.#context
    const elapsedMs = startStopwatch(clock)
    const lease = { id: randomUUID() }
    const current = await table.replaceOrRead(ref, stored, { ...record, refresh: { ...record.refresh, lease } })
    const leased = toLeasedGrant(current, lease.id, stored.ageMs)
    if (leased === null) return { ok: false, stored: current }
    if (elapsedMs() <= leaseToRequestMs(limits)) return { ok: true, leased }
    return { ok: false, stored: await this.#giveBack(ref, leased) }
  }

  async #giveBack (ref: GrantRef, { record, stored }: LeasedGrant): Promise<StoredGrant> {
    const next = { ...record, refresh: { ...record.refresh, lease: null } }
    return (await this.#context.table.replace(ref, stored, next)).stored
  }
}

/** The lease is ours if the record holds its id, also where the reply to the write was lost. */
function toLeasedGrant (stored: StoredGrant, leaseId: string, recordAgeMs: number): LeasedGrant | null {
  const { record } = stored
  if (record?.status !== 'active' || record.refresh.lease?.id !== leaseId || record.pair.refreshToken === null) return null
  const { pair: { refreshToken }, refresh: { lease } } = record
  return {
    record: { ...record, pair: { ...record.pair, refreshToken }, refresh: { ...record.refresh, lease } },
    stored,
    recordAgeMs
  }
}

/**
 * Finds that a lease is expired in two reads of the same version, 3 s apart: a single reading of its age may be wrong.
 */
export class LeaseExpiry {
  readonly #clock: Clock
  #first: { version: string | null, elapsedMs: () => number } | null = null

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Takes note of a read in which the lease was expired, or was not; returns whether that makes two. */
  isExpiredTwice ({ version }: StoredGrant, isExpired: boolean): boolean {
    if (!isExpired) this.#first = null
    else if (this.#first?.version !== version) this.#first = { version, elapsedMs: startStopwatch(this.#clock) }
    return this.#first !== null && this.#first.elapsedMs() >= confirmExpiryMs
  }
}
