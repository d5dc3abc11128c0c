import { NotConnectedError, type Grant, type MiroAuth, type MiroClient } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import type { HookRunner } from '../hooks.js'
import type { GrantFinder, SignedIn } from './grant-finder.js'

/** What every request can do in Miro, as the person who is signed in. Costs nothing until used. */
export interface RequestMiro extends MiroClient {
  /**
   * The grant of the person who sent this request, read once per request. `null`: nobody is signed in.
   *
   * @throws {ReauthorizeError} the person is signed in, but Miro refused the grant
   * @throws {StoreError | RecordError}
   */
  grant: () => Promise<Grant | null>
}

/** Makes the `request.miro` of one request. */
export function createRequestMiro ({ auth, findGrant, hooks }: {
  auth: MiroAuth
  findGrant: GrantFinder
  hooks: HookRunner
}, request: FastifyRequest): RequestMiro {
  const onReauthorize = hooks.once('onReauthorize')
  let looking: Promise<SignedIn | null> | undefined

  async function signedIn (): Promise<SignedIn | null> {
    looking ??= findGrant(request)
    const found = await looking
    const refusal = found?.snapshot.reauthorize ?? null
    if (found === null || refusal === null) return found
    await onReauthorize({ request, ref: found.ref, reason: refusal.reason })
    throw refusal
  }

  async function requireSignedIn (): Promise<SignedIn> {
    const found = await signedIn()
    if (found === null) throw new NotConnectedError()
    return found
  }

  return {
    ...auth.lazyClient(requireSignedIn, (ref, { reason }) => onReauthorize({ request, ref, reason })),
    grant: async () => (await signedIn())?.snapshot.grant ?? null
  }
}
