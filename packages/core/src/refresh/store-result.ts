import { startStopwatch } from '../clock.js'
import type { GrantRef } from '../grant/grant.js'
import type { GrantRecord } from '../grant/grant-record.js'
import type { StoredGrant } from '../grant/grant-table.js'
import type { Verdict } from '../wire/classify.js'
import type { DiscardReason, RefreshRequest } from './apply-result.js'
import type { RefreshContext } from './refresh-context.js'
import { storeAgainMs } from './timing.js'

/** The result of a refresh request, and the record that was last known when it came. */
export interface RefreshResult<V extends Verdict = Verdict> {
  request: RefreshRequest
  verdict: V
  stored: StoredGrant
  /** Whether the client secret worked in this process since the record was written that was leased. */
  secretWorkedSince: boolean
}

/** What became of a result, and the record as it stands now. */
export type StoreOutcome =
  /** `over`: the record that was replaced. */
  | { action: 'written', next: GrantRecord, over: GrantRecord | null, stored: StoredGrant }
  | { action: 'already-stored', stored: StoredGrant }
  | { action: 'discard', why: DiscardReason, stored: StoredGrant }

/**
 * Applies a result to the record by compare-and-set until it is stored or void, once a second while the store is down.
 *
 * @param options.giveUpAfterMs how long to try at most; this process tries no longer than it lives either way
 * @param options.onDelay called when the store fails for the first time
 * @throws {StoreError | RecordError} it gave up
 */
export async function storeResult (context: RefreshContext, ref: GrantRef, result: RefreshResult, { giveUpAfterMs, onDelay }: {
  giveUpAfterMs: number
  onDelay: () => void
}): Promise<StoreOutcome> {
  const { table, clock, shutdown: { over } } = context
  const elapsedMs = startStopwatch(clock)
  let stored: StoredGrant | null = result.stored
  let isDelayed = false
  for (;;) {
    try {
      stored ??= await table.read(ref)
      const outcome: StoreOutcome | StoredGrant = await applyOnce(context, ref, result, stored)
      if ('action' in outcome) return outcome
      stored = outcome
    } catch (error) {
      if (over.aborted || elapsedMs() > giveUpAfterMs) throw error
      stored = null
      if (!isDelayed) onDelay()
      isDelayed = true
      await clock.wait(storeAgainMs, over)
    }
  }
}

/** One try. Returns the record that stands there where the compare-and-set failed: it is newer than any read before. */
async function applyOnce (
  { table, clock, health, secretId, applyResult }: RefreshContext,
  ref: GrantRef,
  result: RefreshResult,
  stored: StoredGrant
): Promise<StoreOutcome | StoredGrant> {
  const { request, verdict, secretWorkedSince } = result
  const at = { now: clock.now(), secretWorkedSince, secretId, appInDoubt: health.isInDoubt }
  const action = applyResult(stored.record, request, verdict, at)
  if (action.action !== 'write') return { ...action, stored }
  const written = await table.replace(ref, stored, action.next)
  return written.ok ? { action: 'written', next: action.next, over: stored.record, stored: written.stored } : written.stored
}
