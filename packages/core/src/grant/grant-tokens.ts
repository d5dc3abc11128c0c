import { withDeadline } from '../deadline.js'
import { NotConnectedError, ReauthorizeError, StoreError, UnavailableError } from '../errors.js'
import type { EventSink } from '../events.js'
import { toTombstone } from '../refresh/settlement.js'
import type { Refresher } from '../refresh/refresher.js'
import type { TokenSource } from '../rest/token-source.js'
import type { TokenEndpoint } from '../wire/token-endpoint.js'
import type { Clock } from '../clock.js'
import type { GrantRef } from './grant.js'
import type { GrantTable, Seen } from './grant-table.js'

/** Under which conditions tokens of a grant are given. */
export interface TokenConditions {
  /** Give tokens only while this is the grant's consent. */
  consent?: string | undefined
  /** The record as the request has just read it; used once, then read anew. */
  seen?: Seen | undefined
}

/** What giving tokens takes. */
export interface TokenParts {
  table: GrantTable
  refresher: Refresher
  endpoint: TokenEndpoint
  events: EventSink
  clock: Clock
  /** How long a caller waits for a token, in milliseconds. */
  callerMs: number
}

/** Gives the access tokens of one grant: reads its record each time, so that a disconnect counts at once. */
export function grantTokens (parts: TokenParts, ref: GrantRef, { consent, seen: first }: TokenConditions = {}): TokenSource {
  const { table, refresher } = parts
  let unused = first

  async function look (): Promise<Seen> {
    const seen = unused ?? await table.read(ref)
    unused = undefined
    if (consent !== undefined && (seen.record === null || seen.record.status === 'disconnected' || seen.record.consent !== consent)) {
      throw new NotConnectedError()
    }
    return seen
  }

  async function usableToken (signal: AbortSignal | undefined): Promise<string> {
    try {
      return (await refresher.usable(ref, await look(), signal)).accessToken
    } catch (error) {
      const held = error instanceof StoreError ? refresher.heldDuringOutage(ref) : null
      if (held === null) throw error
      return held.accessToken
    }
  }

  return {
    accessToken: (signal) => withDeadline(usableToken(signal), {
      clock: parts.clock, ms: parts.callerMs, signal, late: () => new UnavailableError()
    }),

    async replacementFor (accessToken, signal) {
      parts.events.emit({ type: 'token_refused', grant: parts.events.fingerprint(ref) })
      const seen = await look()
      if (seen.record?.status === 'active' && seen.record.pair.expiresAt === null && seen.record.pair.accessToken === accessToken) {
        await confirmRefusal(parts, ref, seen)
        return null
      }
      return (await refresher.replace(ref, seen, accessToken, signal))?.accessToken ?? null
    }
  }
}

/** A token that does not expire was refused. Only if Miro's token context refuses it too, the grant ends. */
async function confirmRefusal ({ table, endpoint, events, clock }: TokenParts, ref: GrantRef, seen: Seen): Promise<void> {
  const { record } = seen
  if (record?.status !== 'active') return
  const raw = await endpoint.context(record.pair.accessToken)
  if (raw.kind !== 'answer' || (raw.status !== 400 && raw.status !== 401)) return
  const written = await table.replace(ref, seen, toTombstone(record, 'revoked'), clock.now())
  if (!written.ok) return
  events.emit({ type: 'rejected', grant: events.fingerprint(ref), reason: 'revoked' })
  throw new ReauthorizeError('revoked')
}
