import { NotConnectedError, type MiroAuth, type MiroClient } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import { ScopeMissingError } from '../errors.js'
import type { OnReauthorizeOnce } from '../events/hook-runner.js'
import type { ConsentedGrant } from '../grants/consented-grant.js'
import { hasScopes } from '../grants/scopes.js'

/** A Miro client for one grant, found when it is first needed. */
export interface GrantClient {
  client: MiroClient
  /** The grant, if it may be acted for. @throws {NotConnectedError | ReauthorizeError | ScopeMissingError | StoreError | RecordError} */
  requireUsable: () => Promise<ConsentedGrant>
  /** Throws what Miro said of a grant that it refused, after the app's hook was told. @throws {ReauthorizeError} */
  throwIfRefused: (found: ConsentedGrant | null) => Promise<ConsentedGrant | null>
}

/**
 * Makes a {@link GrantClient}.
 *
 * @param find what it throws, every call throws; `null`: there is none
 */
export function createGrantClient ({ auth, onReauthorize, requiredScopes }: {
  auth: MiroAuth
  onReauthorize: OnReauthorizeOnce
  requiredScopes: readonly string[]
}, request: FastifyRequest, find: () => Promise<ConsentedGrant | null>): GrantClient {
  async function throwIfRefused (found: ConsentedGrant | null): Promise<ConsentedGrant | null> {
    const refusal = found?.snapshot.reauthorize ?? null
    if (found === null || refusal === null) return found
    await onReauthorize({ request, ref: found.ref, reason: refusal.reason })
    throw refusal
  }

  async function findOne (): Promise<ConsentedGrant> {
    const found = await find()
    if (found === null) throw new NotConnectedError()
    if (found.snapshot.reauthorize === null && !hasScopes(found.snapshot, requiredScopes)) throw new ScopeMissingError()
    return found
  }

  async function requireUsable (): Promise<ConsentedGrant> {
    const found = await findOne()
    await throwIfRefused(found)
    return found
  }

  return {
    // All calls of the client wait for one search: a hook that was awaited in it, and made a call, would wait for itself.
    client: auth.lazyClient(findOne, (ref, { reason }) => onReauthorize({ request, ref, reason })),
    requireUsable,
    throwIfRefused
  }
}
