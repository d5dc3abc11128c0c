import type { GrantRef, Link, MiroAuth } from '@miro-oauth/core'
import { isSameGrant, lookUnder, type ConsentedGrant } from './consented-grant.js'

/** The grants of an app user, by their links. Void links are passed over. */
export interface LinkedGrants {
  /** Newest link first. @throws {StoreError | RecordError} */
  all: (appUserId: string) => Promise<ConsentedGrant[]>
  /** The one that was linked last, whether or not Miro still accepts it. @throws {StoreError | RecordError} */
  newest: (appUserId: string) => Promise<ConsentedGrant | null>
  /** A certain one. `null`: it is not, or no longer, this app user's. @throws {StoreError | RecordError} */
  named: (appUserId: string, ref: GrantRef) => Promise<ConsentedGrant | null>
}

/**
 * Makes {@link LinkedGrants}.
 *
 * @param options.onlyOwn where app users are Miro users: nobody has a grant of another Miro user, whatever an app with
 * users of its own linked in the same store
 */
export function createLinkedGrants (auth: MiroAuth, { onlyOwn }: { onlyOwn: boolean }): LinkedGrants {
  async function linksOf (appUserId: string): Promise<Link[]> {
    const links = await auth.links(appUserId)
    return onlyOwn ? links.filter(({ userId }) => userId === appUserId) : links
  }

  return {
    async all (appUserId) {
      const found = await Promise.all((await linksOf(appUserId)).map((link) => lookUnder(auth, link)))
      return found.filter((grant) => grant !== null)
    },

    async newest (appUserId) {
      for (const link of await linksOf(appUserId)) {
        const found = await lookUnder(auth, link)
        if (found !== null) return found
      }
      return null
    },

    async named (appUserId, ref) {
      const link = (await linksOf(appUserId)).find((other) => isSameGrant(other, ref))
      return link === undefined ? null : lookUnder(auth, link)
    }
  }
}
