import { NotConnectedError, type Grant, type MiroAuth, type MiroClient } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import { ScopeMissingError } from '../errors.js'
import type { HookRunner } from '../hooks.js'
import type { ConsentedGrant } from './consented-grant.js'

/** A Miro client for one grant, found when it is first needed. */
export interface GrantClient {
  client: MiroClient
  /** The grant, if it may be acted for. @throws {NotConnectedError | ReauthorizeError | ScopeMissingError | StoreError | RecordError} */
  usable: () => Promise<ConsentedGrant>
  /** Throws what Miro said of a grant that it refused, after the app's hook was told. @throws {ReauthorizeError} */
  accepted: (found: ConsentedGrant | null) => Promise<ConsentedGrant | null>
}

/**
 * Makes a {@link GrantClient}.
 *
 * @param find what it throws, every call throws; `null`: there is none
 */
export function createGrantClient ({ auth, hooks, requiredScopes }: {
  auth: MiroAuth
  hooks: HookRunner
  requiredScopes: readonly string[]
}, request: FastifyRequest, find: () => Promise<ConsentedGrant | null>): GrantClient {
  const onReauthorize = hooks.once('onReauthorize')

  async function accepted (found: ConsentedGrant | null): Promise<ConsentedGrant | null> {
    const refusal = found?.snapshot.reauthorize ?? null
    if (found === null || refusal === null) return found
    await onReauthorize({ request, ref: found.ref, reason: refusal.reason })
    throw refusal
  }

  async function usable (): Promise<ConsentedGrant> {
    const found = await accepted(await find())
    if (found === null) throw new NotConnectedError()
    if (!hasScopes(found.snapshot.grant, requiredScopes)) throw new ScopeMissingError()
    return found
  }

  return {
    client: auth.lazyClient(usable, (ref, { reason }) => onReauthorize({ request, ref, reason })),
    usable,
    accepted
  }
}

/** Whether a grant has every scope that the app requires. */
export function hasScopes (grant: Grant | null, required: readonly string[]): boolean {
  return required.every((scope) => grant?.scopes.includes(scope) === true)
}
