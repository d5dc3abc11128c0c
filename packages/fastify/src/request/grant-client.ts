import { NotConnectedError, type GrantRef, type MiroAuth, type MiroClient, type ReauthorizeError } from '@miro-oauth/core'
import { ScopeMissingError } from '../errors.js'
import type { ConsentedGrant } from '../grants/consented-grant.js'
import { hasScopes } from '../grants/scopes.js'

/** What {@link GrantClient} works with. */
interface GrantClientParts {
  auth: MiroAuth
  settings: { requiredScopes: readonly string[] }
}

/** The request that a client belongs to. */
interface ClientOwner {
  /** Throws the error of a request without a signed-in user. */
  requireUser: () => Promise<void>
  onReauthorize: (ref: GrantRef, error: ReauthorizeError) => Promise<void>
}

/** A Miro client for one grant of a request, which is found when the client is first used. */
export class GrantClient {
  readonly client: MiroClient
  readonly #requiredScopes: readonly string[]
  readonly #owner: ClientOwner
  readonly #find: () => Promise<ConsentedGrant | null>

  /** @param find what it throws, every call of the client throws; `null`: there is no such grant */
  constructor ({ auth, settings }: GrantClientParts, owner: ClientOwner, find: () => Promise<ConsentedGrant | null>) {
    this.#requiredScopes = settings.requiredScopes
    this.#owner = owner
    this.#find = find
    // Do not call onReauthorize inside `findOne`: all calls share its promise, so a hook that uses `request.miro` would
    // deadlock.
    this.client = auth.lazyClient(() => this.#findOne(), (ref, error) => owner.onReauthorize(ref, error))
  }

  /**
   * The grant, where it may be used.
   *
   * @throws {NotConnectedError | ReauthorizeError | ScopeMissingError | StoreError | RecordError}
   */
  async requireUsable (): Promise<ConsentedGrant> {
    const found = await this.#findOne()
    if (found.snapshot.reauthorize !== null) await this.throwIfRefused(found)
    return found
  }

  /** Throws for a grant that Miro refused, once the app's hook has run. @throws {ReauthorizeError} */
  async throwIfRefused (found: ConsentedGrant | null): Promise<void> {
    const refusal = found?.snapshot.reauthorize ?? null
    if (found === null || refusal === null) return
    await this.#owner.onReauthorize(found.ref, refusal)
    throw refusal
  }

  async #findOne (): Promise<ConsentedGrant> {
    const found = await this.#find()
    if (found === null) {
      await this.#owner.requireUser()
      throw new NotConnectedError()
    }
    const { snapshot } = found
    // Scopes first: without any required, nothing of the snapshot need be made.
    if (!hasScopes(snapshot, this.#requiredScopes) && snapshot.reauthorize === null) throw new ScopeMissingError()
    return found
  }
}
