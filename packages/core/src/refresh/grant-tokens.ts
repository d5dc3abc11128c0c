import type { Clock } from '../clock.js'
import { withDeadline } from '../deadline.js'
import { NotConnectedError, ReauthorizeError, StoreError, UnavailableError } from '../errors.js'
import type { EventSink } from '../events.js'
import type { GrantRef } from '../grant/grant.js'
import type { GrantTable, StoredGrant } from '../grant/grant-table.js'
import { toTombstone } from '../grant/record-states.js'
import { tokenState } from '../grant/token-pair.js'
import type { TokenSource } from '../rest/token-source.js'
import type { OAuthEndpoints } from '../wire/oauth-endpoints.js'
import type { Flights } from './flights.js'
import type { RefreshLimits } from './limits.js'
import type { Refresher } from './refresher.js'
import type { Usable } from './usable.js'

/** Under which conditions tokens of a grant are given. */
interface TokenConditions {
  /** Give tokens only while this is the grant's consent. */
  consentId?: string | undefined
  /** The record as the request has just read it; used once, then read anew. */
  stored?: StoredGrant | undefined
}

/** What giving tokens takes. */
interface TokenParts {
  table: GrantTable
  refresher: Refresher
  endpoint: OAuthEndpoints
  events: EventSink
  clock: Clock
  /** Confirmations with Miro that are under way, shared by callers. */
  confirming: Flights<void>
  limits: Pick<RefreshLimits, 'callerMs'>
}

/** Gives the access tokens of one grant: reads its record each time, so that a disconnect counts at once. */
export function grantTokens (parts: TokenParts, ref: GrantRef, { consentId, stored: first }: TokenConditions = {}): TokenSource {
  const { table, refresher, clock, limits } = parts
  let unused = first

  async function look (): Promise<StoredGrant> {
    const stored = unused ?? await table.read(ref)
    unused = undefined
    return stored
  }

  /** A person may have disconnected, and another connected, while a caller waited: what counts is whose pair it is now. */
  function tokenOf (usable: Usable): string {
    if (consentId !== undefined && usable.consentId !== consentId) throw new NotConnectedError()
    return usable.pair.accessToken
  }

  /** While the store is down, a pair that it has not taken yet is the only one that is alive. */
  function unsavedToken (error: unknown): string {
    const unsaved = error instanceof StoreError ? refresher.unsavedDuringOutage(ref) : null
    if (unsaved === null) throw error
    return tokenOf(unsaved)
  }

  async function usableToken (signal: AbortSignal | undefined): Promise<string> {
    try {
      return tokenOf(await refresher.usable(ref, await look(), signal))
    } catch (error) {
      return unsavedToken(error)
    }
  }

  async function otherToken (refused: string, signal: AbortSignal | undefined): Promise<string | null> {
    try {
      const stored = await look()
      if (isUnrefreshable(stored, refused, clock.now())) {
        await confirmRefusal(parts, ref, stored)
        return null
      }
      const usable = await refresher.replace(ref, stored, refused, signal)
      return usable === null ? null : tokenOf(usable)
    } catch (error) {
      const unsaved = unsavedToken(error)
      if (unsaved === refused) throw error
      return unsaved
    }
  }

  function withinCallersPatience<T> (work: (signal: AbortSignal | undefined) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return withDeadline(work(signal), { clock, ms: limits.callerMs, signal, late: () => new UnavailableError() })
  }

  /** The token of a grant that was read for this very call, if there is nothing to wait for. */
  function tokenAtHand (): string | null {
    const usable = unused === undefined ? null : refresher.atHand(ref, unused)
    if (usable === null) return null
    unused = undefined
    return tokenOf(usable)
  }

  return {
    accessToken: async (signal) => {
      signal?.throwIfAborted()
      return tokenAtHand() ?? withinCallersPatience(usableToken, signal)
    },
    replacementFor: async (accessToken, signal) => {
      parts.events.emit({ type: 'token_refused', grant: parts.events.fingerprint(ref) })
      return withinCallersPatience((signal) => otherToken(accessToken, signal), signal)
    }
  }
}

/** Whether the refused token should be good, and nothing could be had in its place. */
function isUnrefreshable ({ record }: StoredGrant, refused: string, now: number): boolean {
  return record?.status === 'active' && record.pair.refreshToken === null && record.pair.accessToken === refused &&
    tokenState(record.pair, now) !== 'expired'
}

/** Only if Miro's token context refuses the token too, the grant ends. Callers at the same time share the question. */
async function confirmRefusal (parts: TokenParts, ref: GrantRef, stored: StoredGrant): Promise<void> {
  const seat = parts.confirming.join(stored.version ?? '', () => endIfRefused(parts, ref, stored))
  await seat.result.finally(() => seat.leave())
}

async function endIfRefused ({ table, endpoint, events, clock }: TokenParts, ref: GrantRef, stored: StoredGrant): Promise<void> {
  const { record } = stored
  if (record?.status !== 'active') return
  const raw = await endpoint.tokenContext(record.pair.accessToken)
  if (raw.kind !== 'answer' || (raw.status !== 400 && raw.status !== 401)) return
  const written = await table.replace(ref, stored, toTombstone(record, 'revoked'))
  if (!written.ok) return
  events.emit({ type: 'rejected', grant: events.fingerprint(ref), reason: 'revoked' })
  throw new ReauthorizeError('revoked')
}
