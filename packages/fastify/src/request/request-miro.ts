import { NotConnectedError, ReauthorizeError, type Grant, type MiroAuth, type MiroClient } from '@miro-oauth/core'
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

/** What the plugin keeps of one request. */
export interface RequestSide {
  miro: RequestMiro
  /**
   * Makes sure that somebody is signed in whose grant Miro accepts. An expired token is refreshed for that; where Miro
   * does not answer, the handler finds out when it needs the token.
   *
   * @throws {NotConnectedError | ReauthorizeError | StoreError | RecordError}
   */
  ensureGrant: () => Promise<void>
}

/** Makes the {@link RequestSide} of one request. */
export function createRequestSide ({ auth, findGrant, hooks }: {
  auth: MiroAuth
  findGrant: GrantFinder
  hooks: HookRunner
}, request: FastifyRequest): RequestSide {
  const onReauthorize = hooks.once('onReauthorize')
  let looking: Promise<SignedIn | null> | undefined

  async function signedIn (): Promise<SignedIn | null> {
    looking ??= findGrant(request)
    const found = await looking.catch((error: unknown) => {
      looking = undefined
      throw error
    })
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

  const client = auth.lazyClient(requireSignedIn, (ref, { reason }) => onReauthorize({ request, ref, reason }))

  return {
    miro: { ...client, grant: async () => (await signedIn())?.snapshot.grant ?? null },
    async ensureGrant () {
      const { snapshot } = await requireSignedIn()
      if (!snapshot.isExpired) return
      await client.accessToken().catch((error: unknown) => {
        if (error instanceof ReauthorizeError || error instanceof NotConnectedError) throw error
      })
    }
  }
}
