import { RecordError } from '../errors.js'
import { storeKey } from '../store/keys.js'
import { ParsedBodies } from '../store/parsed-bodies.js'
import type { Store } from '../store/store.js'
import { isJsonObject } from '../wire/lossless-json.js'
import type { GrantRef } from './grant.js'

/** A link from an app user to a grant. It counts only while its consent id is the grant's. */
export interface Link extends GrantRef {
  /** That of the grant when it was linked. */
  consentId: string
}

/** The index from app users to grants. An index and no authority: the grant's record decides. */
export class Links {
  readonly #store: Store
  readonly #clientId: string
  readonly #parsed = new ParsedBodies<Link[]>()

  constructor (store: Store, clientId: string) {
    this.#store = store
    this.#clientId = clientId
  }

  /** The app user's links, newest first. @throws {StoreError | RecordError} */
  async list (appUserId: string): Promise<Link[]> {
    const key = this.#keyOf(appUserId)
    const found = await this.#store.get(key)
    return found === null ? [] : this.#parsed.read(key, found, parseLinks).map((link) => ({ ...link })).reverse()
  }

  /** The app user's link to a grant. @throws {StoreError | RecordError} */
  async find (appUserId: string, ref: GrantRef): Promise<Link | undefined> {
    return (await this.list(appUserId)).find((link) => isSameGrant(link, ref))
  }

  /** Puts a link last, in place of an older one to the same grant. @throws {StoreError | RecordError} */
  async add (appUserId: string, link: Link): Promise<void> {
    const { userId, teamId, consentId } = link
    await this.#change(appUserId, (links) => [
      ...links.filter((other) => !isSameGrant(other, link)), { userId, teamId, consentId }
    ])
  }

  /** Removes the link to a grant, and with the last link the record. @throws {StoreError | RecordError} */
  async remove (appUserId: string, ref: GrantRef): Promise<void> {
    await this.#change(appUserId, (links) => links.filter((link) => !isSameGrant(link, ref)))
  }

  async #change (appUserId: string, toNext: (links: Link[]) => Link[]): Promise<void> {
    const key = this.#keyOf(appUserId)
    for (let current = await this.#store.get(key); ;) {
      const links = toNext(current === null ? [] : parseLinks(current.body))
      if (current === null && links.length === 0) return
      const next = links.length === 0 ? null : { body: JSON.stringify({ format: 1, links }), expiresAt: null }
      const result = await this.#store.cas(key, current?.version ?? null, next)
      if (result.ok) return
      current = result.current
    }
  }

  #keyOf (appUserId: string): string {
    return storeKey('link', this.#clientId, appUserId)
  }
}

function isSameGrant (a: GrantRef, b: GrantRef): boolean {
  return a.userId === b.userId && a.teamId === b.teamId
}

function parseLinks (body: string): Link[] {
  try {
    const record: unknown = JSON.parse(body)
    if (isJsonObject(record) && record['format'] === 1 && Array.isArray(record['links']) && record['links'].every(isLink)) {
      return record['links']
    }
  } catch {
    // Not JSON: the same failure as any other foreign body.
  }
  throw new RecordError()
}

function isLink (value: unknown): value is Link {
  return isJsonObject(value) && ['userId', 'teamId', 'consentId'].every((name) => typeof value[name] === 'string')
}
