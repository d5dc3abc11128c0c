import type { GrantRef, MiroAuth } from '@miro-oauth/core'
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

/** Makes {@link LinkedGrants}. */
export function createLinkedGrants (auth: MiroAuth): LinkedGrants {
  return {
    async all (appUserId) {
      const found = await Promise.all((await auth.links(appUserId)).map((link) => lookUnder(auth, link)))
      return found.filter((grant) => grant !== null)
    },

    async newest (appUserId) {
      for (const link of await auth.links(appUserId)) {
        const found = await lookUnder(auth, link)
        if (found !== null) return found
      }
      return null
    },

    async named (appUserId, ref) {
      const link = (await auth.links(appUserId)).find((other) => isSameGrant(other, ref))
      return link === undefined ? null : lookUnder(auth, link)
    }
  }
}
