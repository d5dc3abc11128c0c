import { randomUUID } from 'node:crypto'
import { startStopwatch, type Clock } from '../clock.js'
import type { GrantRef } from '../grant/grant.js'
import type { ActiveGrant } from '../grant/grant-record.js'
import type { GrantTable, Seen } from '../grant/grant-table.js'

/** A record whose claim is ours: the refresh token in it is the one to send. */
export interface Claimed {
  record: ActiveGrant & { pair: { refreshToken: string }, claim: { id: string } }
  seen: Seen
  /** How long the record had stood, by the store's clock, when it was claimed. */
  standingMs: number
}

export type ClaimResult = { ok: true, claimed: Claimed } | { ok: false, seen: Seen }

/** Writes claims into records: the lock of a refresh, in the record itself, so that lock and data cannot disagree. */
export class Claims {
  readonly #table: GrantTable
  readonly #clock: Clock
  readonly #longestMs: number
  readonly #closing: AbortSignal

  /** @param parts.longestMs how long a claim may take to be written; a later one may be worth nothing already */
  constructor (parts: { table: GrantTable, clock: Clock, longestMs: number, closing: AbortSignal }) {
    this.#table = parts.table
    this.#clock = parts.clock
    this.#longestMs = parts.longestMs
    this.#closing = parts.closing
  }

  /** Claims the record as seen. The refresh token to send is the one this write confirms. */
  async take (ref: GrantRef, seen: Seen, { takeOver }: { takeOver: boolean }): Promise<ClaimResult> {
    const { record } = seen
    if (record?.status !== 'active') return { ok: false, seen }
    // Whoever held a claim that is taken over may have consumed the token.
    const result = await this.#write(ref, seen, { ...record, answerLost: record.answerLost || takeOver })
    if (result.ok && this.#closing.aborted) return { ok: false, seen: await this.#giveBack(ref, result.claimed) }
    return result
  }

  /** Starts the lease anew and notes that an answer was lost, whatever else was written into the record meanwhile. */
  async renew (ref: GrantRef, { record, seen: first }: Claimed): Promise<ClaimResult> {
    for (let seen = first; ;) {
      if (seen.record?.status !== 'active' || seen.record.claim?.id !== record.claim.id) return { ok: false, seen }
      const result = await this.#write(ref, seen, { ...seen.record, answerLost: true })
      if (result.ok) return result
      seen = result.seen
    }
  }

  async #write (ref: GrantRef, seen: Seen, record: ActiveGrant): Promise<ClaimResult> {
    const elapsedMs = startStopwatch(this.#clock)
    const claim = { id: randomUUID() }
    const standing = await this.#table.replaceOrLook(ref, seen, { ...record, claim })
    const claimed = toClaimed(standing, claim.id, seen.ageMs)
    if (claimed === null) return { ok: false, seen: standing }
    return elapsedMs() <= this.#longestMs ? { ok: true, claimed } : { ok: false, seen: await this.#giveBack(ref, claimed) }
  }

  async #giveBack (ref: GrantRef, { record, seen }: Claimed): Promise<Seen> {
    return (await this.#table.replace(ref, seen, { ...record, claim: null })).seen
  }
}

function toClaimed (seen: Seen, claimId: string, standingMs: number): Claimed | null {
  const { record } = seen
  if (record?.status !== 'active' || record.claim?.id !== claimId || record.pair.refreshToken === null) return null
  const { refreshToken } = record.pair
  return { record: { ...record, claim: record.claim, pair: { ...record.pair, refreshToken } }, seen, standingMs }
}
