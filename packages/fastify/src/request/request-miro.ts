import { NotConnectedError, ReauthorizeError, type Grant, type GrantRef, type MiroAuth, type MiroClient } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import type { HookRunner } from '../events/hook-runner.js'
import type { LinkedGrants } from '../grants/linked-grants.js'
import type { AppUser, Mode } from '../mode/mode.js'
import type { Settings } from '../settings.js'
import { findCurrentGrant } from './current-grant.js'
import { createGrantClient, type GrantClient } from './grant-client.js'
import { sharedResult } from './shared-result.js'

/** What every request can do in Miro, as the person who sent it. Costs nothing until used. */
export interface RequestMiro extends MiroClient {
  /**
   * The grant that this request acts for, found once per request. `null`: there is none.
   *
   * @throws {ReauthorizeError} there is one, but Miro refused it
   * @throws {StoreError | RecordError}
   */
  grant: () => Promise<Grant | null>
  /**
   * Every active grant of the person who sent this request, newest first.
   *
   * @param options.ended also those that Miro ended, which their person can connect again. Default `false`
   * @throws {StoreError | RecordError}
   */
  grants: (options?: { ended?: boolean }) => Promise<Grant[]>
  /**
   * In sign-in mode: makes another grant of the same person the session's, from the next request on.
   *
   * @throws {NotConnectedError} it is not theirs
   * @throws {ReauthorizeError | ScopeMissingError | StoreError | RecordError}
   * @throws {ConfigError} the app has users of its own: there the option `grant` chooses
   */
  select: (ref: GrantRef) => Promise<void>
  /** The same client for another grant of the same person. Calls for one that is not theirs throw {@link NotConnectedError}. */
  for: (ref: GrantRef) => MiroClient
}

/** What the plugin keeps of one request. */
export interface RequestState {
  miro: RequestMiro
  /**
   * Makes sure that the request has a grant which Miro accepts. An expired token is refreshed for that; where Miro does
   * not answer, the handler finds out when it needs the token.
   *
   * @throws {NotConnectedError | NoAppUserError | ReauthorizeError | ScopeMissingError | StoreError | RecordError}
   */
  ensureGrant: () => Promise<void>
  /** The grant that the request acts for, whether or not it can. @throws {StoreError | RecordError} */
  grantRef: () => Promise<GrantRef | null>
}

/** What finding the grants of a request takes. */
export interface RequestParts {
  auth: MiroAuth
  mode: Mode
  linked: LinkedGrants
  hooks: HookRunner
  settings: Pick<Settings, 'grant' | 'requiredScopes'>
}

/** Makes the {@link RequestState} of one request. */
export function createRequestState ({ auth, mode, linked, hooks, settings }: RequestParts, request: FastifyRequest): RequestState {
  const parts = { auth, onReauthorize: hooks.onReauthorizeOnce(), requiredScopes: settings.requiredScopes }
  const appUser = sharedResult(() => mode.currentUser(request))
  const current = sharedResult(async () => {
    const user = await appUser()
    return user === null ? null : findCurrentGrant({ linked, choose: settings.grant }, request, user)
  })

  async function requireAppUser (): Promise<AppUser> {
    const user = await appUser()
    if (user === null) throw mode.notSignedIn()
    return user
  }

  function clientFor (ref: GrantRef): GrantClient {
    return createGrantClient(parts, request, async () => linked.find((await requireAppUser()).appUserId, ref))
  }

  const own = createGrantClient(parts, request, async () => {
    const grant = await current()
    if (grant === null) await requireAppUser()
    return grant
  })

  return {
    miro: Object.assign(own.client, {
      grant: async () => (await own.throwIfRefused(await current()))?.snapshot.grant ?? null,
      grants: async ({ ended = false }: { ended?: boolean } = {}) => {
        const user = await appUser()
        const found = user === null ? [] : await linked.all(user.appUserId)
        return found.flatMap(({ snapshot }) => snapshot.grant ?? (ended ? snapshot.ended : null) ?? [])
      },
      select: async (ref: GrantRef) => mode.select(request, await clientFor(ref).requireUsable()),
      for: (ref: GrantRef) => clientFor(ref).client
    }),
    grantRef: async () => (await current())?.ref ?? null,
    async ensureGrant () {
      const { snapshot } = await own.requireUsable()
      if (!snapshot.isExpired) return
      await own.client.accessToken().catch((error: unknown) => {
        if (error instanceof ReauthorizeError || error instanceof NotConnectedError) throw error
      })
    }
  }
}
