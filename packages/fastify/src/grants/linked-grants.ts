import { UnavailableError, type Connection, type GrantRef, type Link, type MiroAuth } from '@miro-oauth/core'
import { BoundedMap } from '@miro-oauth/core/internal'
import { isSameGrant, readConsented, toConsented, toRef, type ConsentedGrant } from './consented-grant.js'

/** How many app users' links are remembered, and how many links of each. */
const limit = { users: 1000, links: 20 }

/**
 * Links a grant that was just stored.
 *
 * @throws {UnavailableError} it was disconnected in the meantime
 * @throws {StoreError | RecordError}
 */
export async function linkNew (auth: MiroAuth, appUserId: string, connection: Connection): Promise<void> {
  if (await auth.link(appUserId, connection)) return
  throw new UnavailableError({ cause: new Error('The grant was disconnected before it could be linked.') })
}

/** The links of an app user, and how the grant of each is read. */
interface LinksRead {
  links: Link[]
  /** `null`: the link is void. */
  read: (link: Link) => Promise<ConsentedGrant | null>
}

/**
 * The grants of an app user, by their links. Void links are left out.
 *
 * Grants that an app user was linked to a moment ago are read in the same turn as the links, so a request waits for the
 * store once. The links decide: a grant that they no longer name is read in vain.
 */
export class LinkedGrants {
  readonly #auth: MiroAuth
  readonly #sameUserOnly: boolean
  readonly #lastKnown = new BoundedMap<readonly GrantRef[]>(limit.users)

  /**
   * @param options.sameUserOnly for sign-in mode, where app users are Miro users: leaves out grants of any other Miro
   * user, which an app with users of its own may have linked in the same store
   */
  constructor (auth: MiroAuth, { sameUserOnly }: { sameUserOnly: boolean }) {
    this.#auth = auth
    this.#sameUserOnly = sameUserOnly
  }

  /** Newest link first. @throws {StoreError | RecordError} */
  async all (appUserId: string): Promise<ConsentedGrant[]> {
    const { links, read } = await this.#read(appUserId, () => true)
    const found = await Promise.all(links.map(read))
    return found.filter((grant) => grant !== null)
  }

  /** The grant that was linked last, whether or not Miro still accepts it. @throws {StoreError | RecordError} */
  async newest (appUserId: string): Promise<ConsentedGrant | null> {
    const { links, read } = await this.#read(appUserId, (_ref, index) => index === 0)
    for (const link of links) {
      const found = await read(link)
      if (found !== null) return found
    }
    return null
  }

  /** A certain grant. `null`: it is not, or no longer, linked to this app user. @throws {StoreError | RecordError} */
  async find (appUserId: string, ref: GrantRef): Promise<ConsentedGrant | null> {
    const { links, read } = await this.#read(appUserId, (known) => isSameGrant(known, ref))
    const link = links.find((other) => isSameGrant(other, ref))
    return link === undefined ? null : read(link)
  }

  /** @param isLikely which of the last known grants are read together with the links */
  async #read (appUserId: string, isLikely: (ref: GrantRef, index: number) => boolean): Promise<LinksRead> {
    const likely = (this.#lastKnown.get(appUserId) ?? []).filter(isLikely).map((ref) => {
      return { ref, snapshot: this.#auth.snapshot(ref).catch(() => null) }
    })
    const links = await this.#linksOf(appUserId)
    this.#remember(appUserId, links)
    return {
      links,
      read: async (link) => {
        const snapshot = await likely.find(({ ref }) => isSameGrant(ref, link))?.snapshot ?? null
        // A snapshot of another consent may be older than the link: the grant was connected anew in between.
        return (snapshot === null ? null : toConsented(link, snapshot)) ?? readConsented(this.#auth, link)
      }
    }
  }

  #remember (appUserId: string, links: Link[]): void {
    const known = this.#lastKnown.get(appUserId) ?? []
    const next = links.slice(0, limit.links)
    if (next.length === 0) this.#lastKnown.delete(appUserId)
    else if (next.length !== known.length || !next.every((link, index) => isSameGrant(link, known[index]))) {
      this.#lastKnown.set(appUserId, next.map(toRef))
    }
  }

  async #linksOf (appUserId: string): Promise<Link[]> {
    const links = await this.#auth.links(appUserId)
    return this.#sameUserOnly ? links.filter(({ userId }) => userId === appUserId) : links
  }
}
