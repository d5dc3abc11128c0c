import { NotConnectedError, type MiroAuth, type MiroClient } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import { ScopeMissingError } from '../errors.js'
import type { OnReauthorizeOnce } from '../events/hook-runner.js'
import type { ConsentedGrant } from '../grants/consented-grant.js'
import { hasScopes } from '../grants/scopes.js'

/** What {@link GrantClient} works with. */
export interface GrantClientParts {
  auth: MiroAuth
  request: FastifyRequest
  onReauthorize: OnReauthorizeOnce
  requiredScopes: readonly string[]
}

/** A Miro client for one grant, which is found when the client is first used. */
export class GrantClient {
  readonly client: MiroClient
  readonly #parts: GrantClientParts
  readonly #find: () => Promise<ConsentedGrant | null>

  /** @param find what it throws, every call of the client throws; `null`: there is no such grant */
  constructor (parts: GrantClientParts, find: () => Promise<ConsentedGrant | null>) {
    const { auth, request, onReauthorize } = parts
    this.#parts = parts
    this.#find = find
    // Do not call onReauthorize inside `findOne`: all calls share its promise, so a hook that uses `request.miro` would
    // deadlock.
    this.client = auth.lazyClient(() => this.#findOne(), (ref, { reason }) => onReauthorize({ request, ref, reason }))
  }

  /**
   * The grant, where it may be used.
   *
   * @throws {NotConnectedError | ReauthorizeError | ScopeMissingError | StoreError | RecordError}
   */
  async requireUsable (): Promise<ConsentedGrant> {
    const found = await this.#findOne()
    await this.throwIfRefused(found)
    return found
  }

  /** Throws for a grant that Miro refused, once the app's hook has run. @throws {ReauthorizeError} */
  async throwIfRefused (found: ConsentedGrant | null): Promise<void> {
    const refusal = found?.snapshot.reauthorize ?? null
    if (found === null || refusal === null) return
    const { request, onReauthorize } = this.#parts
    await onReauthorize({ request, ref: found.ref, reason: refusal.reason })
    throw refusal
  }

  async #findOne (): Promise<ConsentedGrant> {
    const found = await this.#find()
    if (found === null) throw new NotConnectedError()
    const { snapshot } = found
    if (snapshot.reauthorize === null && !hasScopes(snapshot, this.#parts.requiredScopes)) throw new ScopeMissingError()
    return found
  }
}
