import {
  ApiError, ClosedError, ConfigError, StoreError, UnavailableError, type GrantEntry, type GrantRef, type MiroAuth,
  type MiroClient
} from '@miro-oauth/core'
import { runOnce, type OnceOptions } from './run-once.js'

export interface NightlyOptions extends Pick<OnceOptions, 'claimMs' | 'now'> {
  auth: MiroAuth
  /**
   * Names the run, such as `digest 2026-11-30`: under one name each turn is done once, in all processes together. Other
   * apps over the same store need other names.
   */
  run: string
  /**
   * What is done for a user of the app in one team. After a crash in the middle it is done again. `signal` aborts when
   * the run is stopped, and before another process may begin the same turn: pass it to the calls.
   */
  work: (turn: Turn & { client: MiroClient, signal: AbortSignal }) => Promise<void>
  /** Aborts to stop the run, as on SIGTERM. */
  signal: AbortSignal
  /** Called with each failure, and with the fingerprint of the grant; `null`: the grants could not be listed. */
  onFailure: (grant: string | null, error: unknown) => void
  /** Where a run that was stopped ended. */
  cursor?: string | undefined
  /** How many grants are read at a time, 1 to 1000. Default 100. */
  limit?: number | undefined
}

export interface Turn {
  appUserId: string
  ref: GrantRef
}

export interface NightlyResult {
  done: number
  /** A run of the same name tries them again. */
  failed: number
  /** Done before, or disconnected in the meantime. */
  skipped: number
  /** Under way in another process, or in one that died: run again under the same name once the claims are over. */
  busy: number
  /** Why the run ended before all had their turn; `null`: it did not. The next run goes on from `cursor`. */
  stopped: 'signal' | 'outage' | null
  cursor?: string
}

interface Run {
  options: NightlyOptions
  result: NightlyResult
  /** How many turns in a row Miro did not answer. */
  unanswered: number
}

const atOnce = 4
/** One person's refresh may wait for a process that died. So many in a row are an outage. */
const mostUnanswered = 3

/**
 * Gives each user of the app a turn in each of their teams. One person's failure does not hold up the others.
 *
 * @throws {ConfigError} a wrong `limit` or `cursor`, or a store without `scan`
 */
export async function runNightly (options: NightlyOptions): Promise<NightlyResult> {
  const run: Run = { options, result: { done: 0, failed: 0, skipped: 0, busy: 0, stopped: null }, unanswered: 0 }
  let { cursor } = options
  do {
    const next = await takePage(run, cursor)
    // The page is walked again by the next run: those who had their turn are skipped.
    if (run.result.stopped !== null) return { ...run.result, ...cursor !== undefined && { cursor } }
    cursor = next
  } while (cursor !== undefined)
  return run.result
}

/** @returns where the next page begins */
async function takePage (run: Run, cursor: string | undefined): Promise<string | undefined> {
  const { auth, limit = 100, onFailure } = run.options
  try {
    const page = await auth.allGrants({ limit, cursor })
    const turns = page.grants.flatMap(turnsOf).values()
    await Promise.all(Array.from({ length: atOnce }, () => takeTurns(run, turns)))
    return page.cursor
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    onFailure(null, error)
    run.result.stopped = 'outage'
    return cursor
  }
}

/** None for a grant that must be connected again. Users of the app who share a grant have a turn each. */
function turnsOf ({ ref, state, reason, appUserIds }: GrantEntry): Turn[] {
  return state === 'active' && reason === null ? appUserIds.map((appUserId) => ({ appUserId, ref })) : []
}

async function takeTurns (run: Run, turns: Iterable<Turn>): Promise<void> {
  const { options: { signal }, result } = run
  for (const turn of turns) {
    if (signal.aborted) result.stopped ??= 'signal'
    if (result.stopped !== null) return
    try {
      result[await takeTurn(run.options, turn)]++
      run.unanswered = 0
    } catch (error) {
      noteFailure(run, turn, error)
    }
  }
}

/** `clientsOf` gives the client under the user's consent: it is dead once they have disconnected. */
async function takeTurn (
  { auth, run, work, signal, claimMs, now }: NightlyOptions, { appUserId, ref }: Turn
): Promise<'done' | 'skipped' | 'busy'> {
  const { userId, teamId } = ref
  const found = (await auth.clientsOf(appUserId)).find(({ ref }) => ref.userId === userId && ref.teamId === teamId)
  if (found === undefined) return 'skipped'
  const once = { store: auth.store, name: [run, appUserId, userId, teamId], claimMs, now }
  return runOnce(once, (ending) => {
    return work({ appUserId, ref, client: found.client, signal: AbortSignal.any([signal, ending]) })
  })
}

function noteFailure (run: Run, { ref }: Turn, error: unknown): void {
  const { options: { auth, signal, onFailure }, result } = run
  if (signal.aborted) {
    result.stopped ??= 'signal'
    return
  }
  result.failed++
  onFailure(auth.fingerprint(ref), error)
  run.unanswered = isUnanswered(error) ? run.unanswered + 1 : 0
  if (affectsAll(error) || run.unanswered >= mostUnanswered) result.stopped = 'outage'
}

function isUnanswered (error: unknown): boolean {
  return error instanceof UnavailableError || (error instanceof ApiError && error.miroStatus >= 500)
}

/** The store is down, this process shuts down, or Miro refuses the app itself. */
function affectsAll (error: unknown): boolean {
  return error instanceof StoreError || error instanceof ClosedError || error instanceof ConfigError
}
