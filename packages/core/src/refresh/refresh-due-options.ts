import { ConfigError } from '../errors.js'
import { requireKnownOf } from '../option-checks.js'

/** What {@link MiroAuth.refreshDue} takes. */
export interface RefreshDueOptions {
  /**
   * How long a grant may lie idle, in milliseconds, before it is refreshed: sooner or later by up to a ninth, each
   * grant at its own moment. Default 45 days, at most 53: with a run each day no grant reaches the 60 days after which
   * Miro ends it.
   */
  idleForMs?: number | undefined
  /** Grants that no caller used for this many milliseconds are left to end. Default: none are. */
  unusedForMs?: number | undefined
  /** How many grants one call looks at, 1 to 1000. Default 100. */
  limit?: number | undefined
  /**
   * How many refreshes, and revocations, run at a time, 1 to 100. Default 8. A grant has one request to Miro's token
   * endpoint; where Miro asks to wait (429), the call begins nothing more.
   */
  concurrency?: number | undefined
  /**
   * Where an earlier call ended. Without it the call takes a page of the walk that other processes have under way, else
   * begins one, which is always right: by the last page, every grant that is due was looked at.
   */
  cursor?: string | undefined
  /** Begins nothing more once it aborts. What was sent is waited for. */
  signal?: AbortSignal | undefined
}

/** Options with every default filled in. */
export type RefreshDueSettings = RefreshDueOptions &
  Record<'idleForMs' | 'unusedForMs' | 'limit' | 'concurrency', number>

const dayMs = 86_400_000
const longestIdleMs = 53 * dayMs
const longestPage = 1000
const mostAtOnce = 100

const known: Record<keyof RefreshDueOptions, true> = {
  idleForMs: true, unusedForMs: true, limit: true, concurrency: true, cursor: true, signal: true
}

/** @throws {ConfigError} naming the option */
export function toRefreshDueSettings (options: RefreshDueOptions = {}): RefreshDueSettings {
  requireKnownOf('refreshDue', options, known)
  const { idleForMs = 45 * dayMs, unusedForMs = Infinity, limit = 100, concurrency = 8, cursor, signal } = options
  requireThat(isDuration(idleForMs) && idleForMs <= longestIdleMs, 'idleForMs', 'a positive number of milliseconds, at most 53 days')
  requireThat(isDuration(unusedForMs), 'unusedForMs', 'a positive number of milliseconds')
  requireThat(Number.isInteger(limit) && limit > 0 && limit <= longestPage, 'limit', 'an integer from 1 to 1000')
  requireThat(Number.isInteger(concurrency) && concurrency > 0 && concurrency <= mostAtOnce, 'concurrency', 'an integer from 1 to 100')
  requireThat(cursor === undefined || typeof cursor === 'string', 'cursor', 'a cursor that refreshDue returned')
  requireThat(signal === undefined || signal instanceof AbortSignal, 'signal', 'an AbortSignal')
  return { idleForMs, unusedForMs, limit, concurrency, cursor, signal }
}

function isDuration (value: unknown): boolean {
  return typeof value === 'number' && value > 0
}

function requireThat (holds: boolean, name: string, what: string): void {
  if (!holds) throw new ConfigError(`The option ${name} of refreshDue must be ${what}.`)
}
