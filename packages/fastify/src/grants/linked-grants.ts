import type { GrantRef, Link, MiroAuth } from '@miro-oauth/core'
import { isSameGrant, readConsented, type ConsentedGrant } from './consented-grant.js'

/** The grants of an app user, by their links. Void links are passed over. */
export interface LinkedGrants {
  /** Newest link first. @throws {StoreError | RecordError} */
  all: (appUserId: string) => Promise<ConsentedGrant[]>
  /** The one that was linked last, whether or not Miro still accepts it. @throws {StoreError | RecordError} */
  newest: (appUserId: string) => Promise<ConsentedGrant | null>
  /** A certain one. `null`: it is not, or no longer, this app user's. @throws {StoreError | RecordError} */
  find: (appUserId: string, ref: GrantRef) => Promise<ConsentedGrant | null>
}

/**
 * Makes {@link LinkedGrants}.
 *
 * @param options.sameUserOnly where app users are Miro users: nobody has a grant of another Miro user, whatever an app with
 * users of its own linked in the same store
 */
export function createLinkedGrants (auth: MiroAuth, { sameUserOnly }: { sameUserOnly: boolean }): LinkedGrants {
  async function linksOf (appUserId: string): Promise<Link[]> {
    const links = await auth.links(appUserId)
    return sameUserOnly ? links.filter(({ userId }) => userId === appUserId) : links
  }

  return {
    async all (appUserId) {
      const found = await Promise.all((await linksOf(appUserId)).map((link) => readConsented(auth, link)))
      return found.filter((grant) => grant !== null)
    },

    async newest (appUserId) {
      for (const link of await linksOf(appUserId)) {
        const found = await readConsented(auth, link)
        if (found !== null) return found
      }
      return null
    },

    async find (appUserId, ref) {
      const link = (await linksOf(appUserId)).find((other) => isSameGrant(other, ref))
      return link === undefined ? null : readConsented(auth, link)
    }
  }
}
