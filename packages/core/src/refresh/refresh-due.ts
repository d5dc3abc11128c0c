import { grantRefOf } from '../grant/grant.js'
import { removeLinks } from '../grant/linking.js'
import { randomPart } from '../random-part.js'
import { parseDueCursor, toDueCursor, type DuePlace } from './due-cursor.js'
import { duePage } from './due-pages.js'
import { retryRevocation } from './due-revocations.js'
import type { AttemptFailure } from './finish-attempt.js'
import type { RefreshContext } from './refresh-context.js'
import type { RefreshDueSettings } from './refresh-due-options.js'
import type { Refresher } from './refresher.js'
import { ownIdleMs } from './timing.js'

/** What one call of {@link MiroAuth.refreshDue} did with a page of grants, and of revocations that were put off. */
export interface RefreshDueResult {
  refreshed: number
  /** Due and not refreshed, or unreadable. A later run tries again, unless Miro ended the grant. */
  failed: number
  /** Left alone: not idle for long enough, ended, unused for too long, resting after a failure, or under a lease. */
  skipped: number
  /** Pairs of ended grants that Miro had not confirmed to be dead, and that are dead now. */
  revoked: number
  /**
   * Such pairs that may be alive still. A later run tries again, until their last token ends. One that was tried less
   * than a lease ago, whose person has connected again, or that was sealed under another client secret is left alone.
   */
  revocationsPending: number
  /**
   * Whether the call ended before its page did: by its signal, by `close()`, or because no grant can be refreshed now.
   * Try again from `cursor` in a minute, or without it at any other time.
   */
  stopped: boolean
  /** Where the next call goes on; without one, and not stopped, this was the last page. */
  cursor?: string
}

interface Parts {
  context: RefreshContext
  refresher: Refresher
}

/** A call of `refreshDue` that is under way. */
interface Run {
  parts: Parts
  settings: RefreshDueSettings
  result: RefreshDueResult
}

/**
 * Refreshes the idle grants of one page, a few at a time. A page that is not filled by grants goes on with revocations
 * that were put off.
 *
 * @throws {ConfigError} the store has no `scan`
 * @throws {StoreError} the page could not be had
 */
export async function refreshDue (parts: Parts, settings: RefreshDueSettings): Promise<RefreshDueResult> {
  const result = { refreshed: 0, failed: 0, skipped: 0, revoked: 0, revocationsPending: 0, stopped: false }
  const run = { parts, settings, result }
  const { cursor, limit } = settings
  const next = mustEnd(run) ? null : await walkPage(run, parseDueCursor(cursor), limit)
  if (next === null) return { ...result, stopped: true, ...(cursor === undefined ? {} : { cursor }) }
  return next === 'end' ? result : { ...result, cursor: toDueCursor(next) }
}

/** Returns where the next page begins; `null`: this one was ended early. */
async function walkPage (run: Run, place: DuePlace, limit: number): Promise<DuePlace | 'end' | null> {
  const { keys, next, giveBack } = await duePage(run.parts.context, run.settings, { place, limit })
  await actOnEach(run, inRandomOrder(keys), place.part === 'revocations' ? revokeOne : refreshOne)
  if (run.result.stopped) {
    await giveBack?.()
    return null
  }
  const left = limit - keys.length
  return next === 'end' || next.part === place.part || left <= 0 ? next : walkPage(run, next, left)
}

/** Processes that look at one page at once meet at few of its grants: in one order they would meet at most of them. */
function inRandomOrder (keys: string[]): string[] {
  const places = keys.map((key) => ({ key, place: randomPart() }))
  return places.sort((one, other) => one.place - other.place).map(({ key }) => key)
}

async function actOnEach (run: Run, keys: string[], act: typeof refreshOne): Promise<void> {
  const { parts: { context: { health } }, settings: { concurrency }, result } = run
  const left = keys.values()
  async function work (): Promise<void> {
    for (const key of left) {
      if (mustEnd(run)) result.stopped = true
      if (result.stopped) return
      await act(run, key)
    }
  }
  // An open circuit breaker admits one probe, whose success lets the others go on.
  await Promise.all(Array.from({ length: health.isRefused ? 1 : concurrency }, work))
}

function mustEnd ({ parts: { context: { shutdown } }, settings: { signal }, result }: Run): boolean {
  return result.stopped || signal?.aborted === true || shutdown.closing.aborted
}

async function refreshOne ({ parts, settings, result }: Run, key: string): Promise<void> {
  const fate = await keepAlive(parts, key, settings)
  if (typeof fate === 'string') {
    result[fate]++
  } else {
    result.failed++
    // The other grants of the page would fail too, one request each.
    result.stopped ||= fate.affectsAllGrants
  }
}

async function revokeOne ({ parts: { context: { revocations } }, result }: Run, key: string): Promise<void> {
  const outcome = await retryRevocation(revocations, key)
  if (outcome === 'revoked') result.revoked++
  else if (outcome !== 'done-before') result.revocationsPending++
  result.stopped ||= outcome === 'stop'
}

/** Keeps one grant alive. Its failure must not hold up the others. */
async function keepAlive (
  { context: { table, links, clock, clientId }, refresher }: Parts,
  key: string,
  { idleForMs, unusedForMs }: Pick<RefreshDueSettings, 'idleForMs' | 'unusedForMs'>
): Promise<'refreshed' | 'skipped' | 'failed' | AttemptFailure> {
  try {
    const ref = grantRefOf(clientId, key)
    const stored = await table.read(ref)
    const { record } = stored
    const now = clock.now()
    // A disconnect that died in between left its links behind.
    if (record?.status === 'disconnected') await removeLinks({ table, links }, ref)
    if (record?.status !== 'active' || now - record.usedAt > unusedForMs) return 'skipped'
    return await refresher.keepAlive(ref, stored, now - ownIdleMs(record.pair.refreshToken ?? '', idleForMs))
  } catch {
    return 'failed'
  }
}
