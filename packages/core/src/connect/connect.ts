import { randomUUID } from 'node:crypto'
import { startStopwatch, type Clock } from '../clock.js'
import { BadResponseError, StoreError } from '../errors.js'
import { appUsersField, appUsersOf } from '../grant/app-users.js'
import { namesOf, type Grant } from '../grant/grant.js'
import { isProvisional, toGrant, type ActiveGrant, type GrantRecord } from '../grant/grant-record.js'
import type { GrantTable, StoredGrant } from '../grant/grant-table.js'
import { toTokenPair, type TokenPair } from '../grant/token-pair.js'
import { idle } from '../grant/record-states.js'
import type { RefreshContext } from '../refresh/refresh-context.js'
import type { TokenAnswer } from '../wire/token-answer.js'

/** A grant as it was just stored. */
export interface Connection {
  /** What was stored. */
  grant: Grant
  /** Hold it in a session or link: where it differs from the grant's, they are void. */
  consentId: string
  /** Names this connect: a later one over the same grant keeps the consent id, and has another epoch. */
  epoch: string
  /** Whether an active grant stood there before, and was not provisional. Its consent id is kept then. */
  replaced: boolean
}

/** The grant that a connect stores. */
export interface NewGrant {
  clientId: string
  userId: string
  teamId: string
  scopes: readonly string[]
  pair: TokenPair
  connectedAt: number
  userName?: string
  teamName?: string
  /** The app user that is linked to it. */
  appUserId?: string | undefined
  /** Whether its person may come in is decided later. */
  isProvisional?: boolean | undefined
}

/** A write that went out and was not answered. */
interface Unanswered {
  /** The epoch that it was to replace. */
  over: string | null
  replaced: boolean
}

interface Attempt {
  epoch: string
  unanswered: Unanswered | null
}

const againEveryMs = 1000

/**
 * Stores the grant of a code exchange that was sent at `sentAt`, under the ids Miro sent.
 *
 * @param answer `null`: what Miro sent is no token answer
 * @throws {BadResponseError} no token answer, or one without exact ids; nothing is stored
 * @throws {StoreError | RecordError}
 */
export async function connectGrant (
  context: RefreshContext,
  answer: TokenAnswer | null,
  { sentAt, appUserId, isProvisional }: {
    sentAt: number
    appUserId: string | undefined
    isProvisional?: boolean | undefined
  }
): Promise<Connection> {
  const { table, health, clock, clientId, limits } = context
  if (answer?.isBearer !== true || answer.userId === null || answer.teamId === null) throw new BadResponseError()
  const { userId, teamId, scopes } = answer
  const pair = toTokenPair(answer, sentAt)
  const ids = { clientId, userId, teamId }
  const grant: NewGrant = { ...ids, scopes: scopes ?? [], pair, connectedAt: clock.now(), appUserId, isProvisional }
  const connection = await storeConnection(table, grant, { clock, patienceMs: limits.callerMs })
  // Only an app with the right secret gets an answer to a code.
  health.worked(sentAt)
  return connection
}

/**
 * Stores a grant in a new epoch, over whatever stands there: a new connect wins over a refresh that is under way.
 *
 * The code was spent for this pair, so a store that is down is tried again, once a second for `patienceMs`
 * milliseconds.
 *
 * @throws {StoreError | RecordError}
 */
async function storeConnection (table: GrantTable, grant: NewGrant, { clock, patienceMs }: {
  clock: Clock
  patienceMs: number
}): Promise<Connection> {
  const elapsedMs = startStopwatch(clock)
  const attempt: Attempt = { epoch: randomUUID(), unanswered: null }
  for (;;) {
    const connection = await storeInEpoch(table, grant, attempt).catch((error: unknown) => {
      if (!(error instanceof StoreError) || elapsedMs() >= patienceMs) throw error
    })
    if (connection === null) throw new StoreError(new Error('The grant was ended before the store answered.'))
    if (connection !== undefined) return connection
    await clock.wait(againEveryMs)
  }
}

/**
 * One try. Where an earlier write was not answered and its epoch, or a later one, stands there, that write was taken:
 * the record that stands is the grant, and `null` says that it has ended since.
 */
async function storeInEpoch (table: GrantTable, grant: NewGrant, attempt: Attempt): Promise<Connection | null> {
  for (let stored = await table.read(grant); ;) {
    const { record } = stored
    const { unanswered } = attempt
    const over = record?.epoch ?? null
    if (unanswered !== null && unanswered.over !== over) {
      return record?.status === 'active' ? toConnection(record, unanswered.replaced) : null
    }
    const replaced = isInUse(record)
    const next = toRecord(grant, attempt.epoch, stored)
    const written = await table.replace(grant, stored, next).catch((error: unknown) => {
      attempt.unanswered = { over, replaced }
      throw error
    })
    if (written.ok) return toConnection(next, replaced)
    stored = written.stored
  }
}

/** Whether a connect replaces a grant that its person was let in with. */
function isInUse (record: GrantRecord | null): boolean {
  return record?.status === 'active' && !isProvisional(record)
}

/**
 * The record of a new grant: in a new epoch, under the consent id of an active grant that it replaces, for which its
 * person needs not be let in anew.
 */
export function toRecord (
  { appUserId, isProvisional: isAsked = false, ...grant }: NewGrant, epoch: string, { record }: StoredGrant
): ActiveGrant {
  const provisional = isAsked && !isInUse(record) ? { isProvisional: true } as const : {}
  const kept = record === null || record.status === 'disconnected' ? {} : namesOf(record)
  const consentId = record?.status === 'active' ? record.consentId : randomUUID()
  const linked = record?.status === 'active' ? appUsersOf(record) : []
  const appUsers = appUsersField(Array.from(new Set([...linked, ...(appUserId === undefined ? [] : [appUserId])])))
  const usedAt = grant.connectedAt
  return { ...kept, ...grant, ...appUsers, ...provisional, status: 'active', epoch, consentId, usedAt, refresh: idle }
}

export function toConnection (record: ActiveGrant, replaced: boolean): Connection {
  return { grant: toGrant(record), consentId: record.consentId, epoch: record.epoch, replaced }
}
