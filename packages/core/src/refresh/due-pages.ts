import type { DuePlace } from './due-cursor.js'
import type { RefreshContext } from './refresh-context.js'
import type { RefreshDueSettings } from './refresh-due-options.js'
import { shortestIdleMs } from './timing.js'

/** A page of keys, and where the run goes on behind it. */
interface DuePage {
  keys: string[]
  next: DuePlace | 'end'
  /** To be called where the run is stopped before it has acted on all of them. */
  giveBack?: () => Promise<void>
}

const toGrants: DuePlace = { part: 'grants', cursor: undefined }
const toRevocations: DuePlace = { part: 'revocations', cursor: undefined }

/** @throws {ConfigError} the store has no `scan` @throws {StoreError} */
export async function duePage (
  context: RefreshContext, settings: RefreshDueSettings, { place, limit }: { place: DuePlace, limit: number }
): Promise<DuePage> {
  const { table, revocations, clock } = context
  const { part, cursor } = place
  const from = { limit, ...(cursor === undefined ? {} : { cursor }) }
  const issuedBefore = clock.now() - shortestIdleMs(settings.idleForMs)
  switch (part) {
    case 'shared': return sharedPage(context, settings, { walkId: cursor, issuedBefore, limit })
    case 'grants': return toPage(await table.issuedBefore(issuedBefore, from), part, toRevocations)
    case 'revocations': return toPage(await revocations.page(from), part, 'end')
  }
}

/** Where other processes took pages too, the grants that are left are looked at from the start: one may have died. */
async function sharedPage ({ walks }: RefreshContext, { idleForMs, unusedForMs }: RefreshDueSettings, at: {
  walkId: string | undefined
  issuedBefore: number
  limit: number
}): Promise<DuePage> {
  const taken = await walks.takePage(at.walkId, { ...at, idleForMs, unusedForMs })
  if (taken === null) return { keys: [], next: toGrants }
  const { keys, giveBack, isLast, isShared, walkId } = taken
  if (!isLast) return { keys, next: { part: 'shared', cursor: walkId }, giveBack }
  return { keys, next: isShared ? toGrants : toRevocations, giveBack }
}

function toPage (
  { keys, cursor }: { keys: string[], cursor?: string | undefined }, part: DuePlace['part'], behind: DuePage['next']
): DuePage {
  return { keys, next: cursor === undefined ? behind : { part, cursor } }
}
