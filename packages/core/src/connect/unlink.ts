import { appUsersOf, consentIdOf, withAppUsers } from '../grant/app-users.js'
import type { GrantRef } from '../grant/grant.js'
import { alignLink } from '../grant/linking.js'
import type { RefreshContext } from '../refresh/refresh-context.js'
import { endGrant, type Disconnection, type EndOptions } from './disconnect.js'

/** What an unlink did. */
export interface Unlinking extends Disconnection {
  /** Whether there was a link to remove. */
  unlinked: boolean
}

/**
 * Takes an app user off a grant. The grant's record names its app users, so one compare-and-set takes this one off, or
 * ends the grant where no other is left: of several unlinks at once, one is the last.
 *
 * @throws {StoreError | RecordError} call it again: it finishes what was begun
 */
export async function unlinkGrant (
  context: RefreshContext, appUserId: string, ref: GrantRef, options: EndOptions = {}
): Promise<Unlinking> {
  const link = await context.links.find(appUserId, ref)
  const { consentId = link?.consentId } = options
  let unlinked = link !== undefined && link.consentId === consentId
  const ending = await endGrant(context, ref, {
    ...options,
    toNext (record, tombstone) {
      const isNamed = consentIdOf(record, appUserId) !== null
      // A link counts without a name in the record, while its consent is the grant's.
      if (!isNamed && link?.consentId !== record.consentId) return null
      unlinked = true
      const others = appUsersOf(record).filter((other) => other !== appUserId)
      if (others.length === 0) return tombstone
      return isNamed ? withAppUsers(record, others) : null
    }
  })
  await alignLink(context, appUserId, ref)
  return { unlinked, ...ending }
}
