import { storeKey } from '@miro-oauth/core/internal'
import type { Person } from '../people/person.js'
import { usesCore, type SubjectName } from '../subjects/subject-name.js'
import { sleep } from '../time.js'
import { parseCoreRecord, type StoredGrant } from './core-record.js'
import type { OpenStore } from './open-store.js'
import { refreshTokenIn } from './refresh-token.js'

/** Where a subject keeps its grants, and in which format. */
interface GrantLocation {
  subject: SubjectName
  clientId: string
}

const retryEveryMs = 200

/** Reads the grant of one person. While the store is down it tries again every 200 ms, without end. */
export async function readStoredGrant (open: OpenStore, location: GrantLocation, person: Person): Promise<StoredGrant> {
  for (;;) {
    try {
      return await readOnce(open, location, person)
    } catch {
      await sleep(retryEveryMs)
    }
  }
}

async function readOnce (open: OpenStore, { subject, clientId }: GrantLocation, person: Person): Promise<StoredGrant> {
  const { userId, teamId } = person
  if (usesCore(subject)) {
    const found = await open.store.get(storeKey('grant', clientId, userId, teamId))
    return found === null ? { state: 'absent' } : parseCoreRecord(found.body)
  }
  const text = await open.plain.get(userId)
  const refreshToken = text === null ? null : refreshTokenIn(text)
  return refreshToken === null ? { state: 'absent' } : { state: 'active', refreshToken, isLeased: false }
}
