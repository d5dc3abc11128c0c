import { storeKey } from '@miro-oauth/core/internal'
import type { SubjectName } from '../fleet/messages.js'
import type { Person } from '../people/person.js'
import { sleep } from '../time.js'
import { parseCoreRecord, type StoredGrant } from './core-record.js'
import type { OpenStore } from './open-store.js'
import { refreshTokenIn } from './refresh-token.js'

/** Whose grants are read: they lie under other keys, and in another format, for each subject. */
interface GrantOwner {
  subject: SubjectName
  clientId: string
}

const retryEveryMs = 200

/** Reads the grant of one person. While the store is down it retries every 200 ms, without end. */
export async function readStoredGrant (open: OpenStore, owner: GrantOwner, person: Person): Promise<StoredGrant> {
  for (;;) {
    try {
      return await readOnce(open, owner, person)
    } catch {
      await sleep(retryEveryMs)
    }
  }
}

async function readOnce (open: OpenStore, { subject, clientId }: GrantOwner, person: Person): Promise<StoredGrant> {
  const { userId, teamId } = person
  if (subject === 'ours' || subject === 'without-lease') {
    const found = await open.store.get(storeKey('grant', clientId, userId, teamId))
    return found === null ? { state: 'absent' } : parseCoreRecord(found.body)
  }
  const text = await open.plain.get(userId)
  const refreshToken = text === null ? null : refreshTokenIn(text)
  return refreshToken === null ? { state: 'absent' } : { state: 'active', refreshToken, isLeased: false }
}
