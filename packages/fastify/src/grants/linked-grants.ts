import { UnavailableError, type Connection, type GrantRef, type Link, type MiroAuth } from '@miro-oauth/core'
import { isSameGrant, readConsented, type ConsentedGrant } from './consented-grant.js'

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

/** The grants of an app user, by their links. Void links are left out. */
export class LinkedGrants {
  readonly #auth: MiroAuth
  readonly #sameUserOnly: boolean

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
    const links = await this.#linksOf(appUserId)
    const found = await Promise.all(links.map((link) => readConsented(this.#auth, link)))
    return found.filter((grant) => grant !== null)
  }

  /** The grant that was linked last, whether or not Miro still accepts it. @throws {StoreError | RecordError} */
  async newest (appUserId: string): Promise<ConsentedGrant | null> {
    for (const link of await this.#linksOf(appUserId)) {
      const found = await readConsented(this.#auth, link)
      if (found !== null) return found
    }
    return null
  }

  /** A certain grant. `null`: it is not, or no longer, linked to this app user. @throws {StoreError | RecordError} */
  async find (appUserId: string, ref: GrantRef): Promise<ConsentedGrant | null> {
    const link = (await this.#linksOf(appUserId)).find((other) => isSameGrant(other, ref))
    return link === undefined ? null : readConsented(this.#auth, link)
  }

  async #linksOf (appUserId: string): Promise<Link[]> {
    const links = await this.#auth.links(appUserId)
    return this.#sameUserOnly ? links.filter(({ userId }) => userId === appUserId) : links
  }
}
