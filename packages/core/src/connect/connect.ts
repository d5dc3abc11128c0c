import { randomUUID } from 'node:crypto'
import { startStopwatch, type Clock } from '../clock.js'
import { BadResponseError, StoreError } from '../errors.js'
import { namesOf, type Grant } from '../grant/grant.js'
import { toGrant, type ActiveGrant } from '../grant/grant-record.js'
import type { GrantTable, Seen } from '../grant/grant-table.js'
import { toTokenPair, type TokenPair } from '../grant/token-pair.js'
import { unclaimed } from '../grant/life.js'
import type { Breaker } from '../refresh/breaker.js'
import type { RefreshLimits } from '../refresh/limits.js'
import { parseTokenAnswer } from '../wire/token-answer.js'

/** A grant as it was just stored. */
export interface Connection {
  grant: Grant
  /** Hold it in a session or link: where it differs from the grant's, they are void. */
  consent: string
  /** Whether an active grant stood there before; its consent is kept then. */
  replaced: boolean
}

/** What connect stores: whose grant, and what it can do. */
export interface NewGrant {
  clientId: string
  userId: string
  teamId: string
  scopes: readonly string[]
  pair: TokenPair
  connectedAt: number
  userName?: string
  teamName?: string
}

const againEveryMs = 1000

/**
 * Stores the grant of a code exchange that was sent at `sentAt`, under the ids Miro sent.
 *
 * @throws {BadResponseError} no token answer, or one without exact ids; nothing is stored
 * @throws {StoreError | RecordError}
 */
export async function connectGrant ({ table, breaker, clock, clientId, limits }: {
  table: GrantTable
  breaker: Breaker
  clock: Clock
  clientId: string
  limits: Pick<RefreshLimits, 'callerMs'>
}, tokenAnswer: unknown, sentAt: number): Promise<Connection> {
  const answer = parseTokenAnswer(tokenAnswer)
  if (answer === null || answer.userId === null || answer.teamId === null) throw new BadResponseError()
  const { userId, teamId, scopes } = answer
  const grant: NewGrant = { clientId, userId, teamId, scopes: scopes ?? [], pair: toTokenPair(answer, sentAt), connectedAt: clock.now() }
  const connection = await storeConnection(table, grant, { clock, patienceMs: limits.callerMs })
  // Only an app with the right secret gets an answer to a code.
  breaker.proved(sentAt)
  return connection
}

/**
 * Stores a grant in a new epoch, over whatever stands there: a new connect wins over a refresh that is under way.
 *
 * The code was spent for this pair, so a store that is down is tried again, once a second for `patienceMs` milliseconds.
 *
 * @throws {StoreError | RecordError}
 */
async function storeConnection (table: GrantTable, grant: NewGrant, { clock, patienceMs }: { clock: Clock, patienceMs: number }): Promise<Connection> {
  const elapsedMs = startStopwatch(clock)
  const epoch = randomUUID()
  for (;;) {
    try {
      return await storeInEpoch(table, grant, epoch)
    } catch (error) {
      if (!(error instanceof StoreError) || elapsedMs() >= patienceMs) throw error
      await clock.wait(againEveryMs)
    }
  }
}

async function storeInEpoch (table: GrantTable, grant: NewGrant, epoch: string): Promise<Connection> {
  for (let seen = await table.read(grant); ;) {
    // An earlier try of ours whose reply was lost.
    if (seen.record?.status === 'active' && seen.record.epoch === epoch) return toConnection(seen.record, false)
    const replaced = seen.record?.status === 'active'
    const record = toRecord(grant, epoch, seen)
    const written = await table.replace(grant, seen, record)
    if (written.ok) return toConnection(record, replaced)
    seen = written.seen
  }
}

/** The record of a new grant: in a new epoch, under the consent of an active one that it replaces. */
export function toRecord (grant: NewGrant, epoch: string, { record }: Seen): ActiveGrant {
  const kept = record === null || record.status === 'disconnected' ? {} : namesOf(record)
  const consent = record?.status === 'active' ? record.consent : randomUUID()
  return { ...kept, ...grant, status: 'active', epoch, consent, forcedAt: null, ...unclaimed }
}

export function toConnection (record: ActiveGrant, replaced: boolean): Connection {
  return { grant: toGrant(record), consent: record.consent, replaced }
}
