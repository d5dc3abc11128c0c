import { grantRefOf } from '../grant/grant.js'
import { hashRefreshToken } from '../grant/token-pair.js'
import type { AttemptFailure } from './attempt.js'
import type { RefreshContext } from './refresh-context.js'
import type { RefreshDueSettings } from './refresh-due-options.js'
import type { Refresher } from './refresher.js'

/** What one call of {@link MiroAuth.refreshDue} did with a page of grants. */
export interface RefreshDueResult {
  refreshed: number
  /** Due and not refreshed, or unreadable. A later run tries again, unless Miro ended the grant. */
  failed: number
  /** Left alone: not idle for long enough, ended, unused for too long, resting after a failure, or under a lease. */
  skipped: number
  /**
   * Whether the call ended before its page did: by its signal, by `close()`, or because no grant can be refreshed now.
   * Try again from `cursor` in a minute, or from the start at any other time.
   */
  stopped: boolean
  /** Where the next call goes on; without one, and not stopped, this was the last page. */
  cursor?: string
}

interface Parts {
  context: RefreshContext
  refresher: Refresher
}

const atOnce = 8
const spreadPart = 1 / 9

/**
 * Refreshes the idle grants of one page, a few at a time.
 *
 * @throws {ConfigError} the store has no `scan`
 * @throws {StoreError} the page could not be had
 */
export async function refreshDue (
  parts: Parts,
  { idleForMs, unusedForMs, limit, cursor, signal }: RefreshDueSettings
): Promise<RefreshDueResult> {
  const { table, health, clock, shutdown } = parts.context
  const result = { refreshed: 0, failed: 0, skipped: 0, stopped: false }
  const from = cursor === undefined ? {} : { cursor }
  const mustEnd = (): boolean => result.stopped || signal?.aborted === true || shutdown.closing.aborted
  if (mustEnd()) return { ...result, stopped: true, ...from }
  const { keys, cursor: next } = await table.issuedBefore(clock.now() - idleForMs * (1 - spreadPart), {
    limit,
    ...from
  })
  const left = keys.values()

  async function work (): Promise<void> {
    for (const key of left) {
      if (mustEnd()) result.stopped = true
      if (result.stopped) return
      const fate = await keepAlive(parts, key, { idleForMs, unusedForMs })
      if (typeof fate === 'string') {
        result[fate]++
      } else {
        result.failed++
        // The other grants of the page would fail too, one request each.
        result.stopped ||= fate.affectsAllGrants
      }
    }
  }

  // An open circuit breaker admits one probe, whose success lets the others go on.
  await Promise.all(Array.from({ length: health.isRefused ? 1 : atOnce }, work))
  if (result.stopped) return { ...result, ...from }
  return next === undefined ? result : { ...result, cursor: next }
}

/** Keeps one grant alive. Its failure must not hold up the others. */
async function keepAlive ({ context: { table, clock, clientId }, refresher }: Parts, key: string, { idleForMs, unusedForMs }: {
  idleForMs: number
  unusedForMs: number
}): Promise<'refreshed' | 'skipped' | 'failed' | AttemptFailure> {
  try {
    const ref = grantRefOf(clientId, key)
    const stored = await table.read(ref)
    const { record } = stored
    const now = clock.now()
    if (record?.status !== 'active' || now - record.usedAt > unusedForMs) return 'skipped'
    return await refresher.keepAlive(ref, stored, now - ownIdleMs(record.pair.refreshToken ?? '', idleForMs))
  } catch {
    return 'failed'
  }
}

/**
 * How long this refresh token may lie idle: the same in every process, and different for each token, so that grants
 * that were connected together are refreshed on different days.
 */
function ownIdleMs (refreshToken: string, idleForMs: number): number {
  const place = Buffer.from(hashRefreshToken(refreshToken), 'base64url').readUInt32BE() / 2 ** 32
  return idleForMs * (1 + spreadPart * (2 * place - 1))
}
