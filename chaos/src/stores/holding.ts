import { storeKey } from '@miro-oauth/core/internal'
import type { SubjectName } from '../fleet/messages.js'
import type { Person } from '../people/person.js'
import { sleep } from '../time.js'
import { refreshTokenIn } from '../worker/stored-pairs.js'
import type { OpenStore } from './open-store.js'

/** What stands in the store for somebody. */
export type Holding =
  /** `claimed`: somebody is refreshing it, or died over it. */
  | { state: 'active', refreshToken: string, claimed: boolean }
  /** Tombstoned after a refusal; `lineage` names the refresh token that was refused. */
  | { state: 'rejected', lineage: string }
  | { state: 'disconnected' }
  | { state: 'absent' }

const againEveryMs = 200

/** Reads what stands there, by a way of its own, and waits for a store that is away. */
export async function readHolding (open: OpenStore, from: { subject: SubjectName, clientId: string }, person: Person): Promise<Holding> {
  for (;;) {
    try {
      return await look(open, from, person)
    } catch {
      await sleep(againEveryMs)
    }
  }
}

async function look ({ store, plain }: OpenStore, { subject, clientId }: { subject: SubjectName, clientId: string }, { userId, teamId }: Person): Promise<Holding> {
  if (subject === 'ours' || subject === 'blind') {
    const found = await store.get(storeKey('grant', clientId, userId, teamId))
    return found === null ? { state: 'absent' } : toHolding(JSON.parse(found.body) as Record<string, unknown>, found.body)
  }
  const text = await plain.get(userId)
  const refreshToken = text === null ? null : refreshTokenIn(text)
  return refreshToken === null ? { state: 'absent' } : { state: 'active', refreshToken, claimed: false }
}

function toHolding (record: Record<string, unknown>, body: string): Holding {
  switch (record['status']) {
    case 'active': return { state: 'active', refreshToken: refreshTokenIn(body) ?? '', claimed: record['claim'] !== null }
    case 'rejected': return { state: 'rejected', lineage: String(record['lineage']) }
    default: return { state: 'disconnected' }
  }
}
