import { NotConnectedError, ReauthorizeError, type Grant, type GrantRef, type MiroAuth } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import type { HookRunner } from '../events/hook-runner.js'
import type { ConsentedGrant } from '../grants/consented-grant.js'
import type { LinkedGrants } from '../grants/linked-grants.js'
import type { AppUser, Mode } from '../mode/mode.js'
import type { Session } from '../session/session-record.js'
import type { Settings } from '../settings.js'
import { findCurrentGrant } from './current-grant.js'
import type { GrantRecheck } from './grant-recheck.js'
import { GrantClient, type GrantClientParts } from './grant-client.js'
import type { RequestMiro } from './request-miro.js'
import { sharedResult } from './shared-result.js'

/** What {@link RequestState} works with. */
export interface RequestParts {
  auth: MiroAuth
  mode: Mode
  linked: LinkedGrants
  hooks: HookRunner
  recheck: GrantRecheck
  settings: Pick<Settings, 'grant' | 'requiredScopes'>
}

/** What the plugin keeps of one request: its user and current grant, each read at most once, and its `request.miro`. */
export class RequestState {
  readonly miro: RequestMiro
  readonly #parts: RequestParts
  readonly #clientParts: GrantClientParts
  readonly #appUser: () => Promise<AppUser | null>
  readonly #current: () => Promise<ConsentedGrant | null>
  readonly #own: GrantClient

  constructor (parts: RequestParts, request: FastifyRequest) {
    const { auth, mode, linked, hooks, settings: { grant: choose, requiredScopes } } = parts
    this.#parts = parts
    this.#clientParts = { auth, request, onReauthorize: hooks.onReauthorizeOnce(), requiredScopes }
    this.#appUser = sharedResult(() => mode.currentUser(request))
    this.#current = sharedResult(async () => {
      const appUser = await this.#appUser()
      return appUser === null ? null : findCurrentGrant({ linked, choose }, request, appUser)
    })
    this.#own = new GrantClient(this.#clientParts, async () => {
      const grant = await this.#current()
      if (grant === null) await this.#requireAppUser()
      return grant
    })
    this.miro = Object.assign(this.#own.client, {
      grant: () => this.#grant(),
      grants: async ({ ended = false }: { ended?: boolean } = {}) => this.#grants(ended),
      select: async (ref: GrantRef) => mode.select(request, await this.#clientFor(ref).requireUsable()),
      for: (ref: GrantRef) => this.#clientFor(ref).client,
      ...this.#sessionMembers(request)
    })
  }

  /**
   * Makes sure that the request has a grant which Miro accepts: refreshes an expired token for that, and asks Miro
   * where the option `recheckAfterMs` says so. Where Miro does not answer, the request passes: the handler gets the
   * error when it needs the token. Without that option a grant that was ended at Miro passes until Miro refuses its
   * token.
   *
   * @throws {NotConnectedError | NoAppUserError | ReauthorizeError | ScopeMissingError | StoreError | RecordError}
   */
  async ensureGrant (): Promise<void> {
    const grant = await this.#own.requireUsable()
    if (!grant.snapshot.isExpired) return this.#parts.recheck.ensure(grant, () => this.#own.client.tokenContext())
    await this.#own.client.accessToken().catch((error: unknown) => {
      if (error instanceof ReauthorizeError || error instanceof NotConnectedError) throw error
    })
  }

  /** The grant that the request acts for, whether or not it may be used. @throws {StoreError | RecordError} */
  async grantRef (): Promise<GrantRef | null> {
    return (await this.#current())?.ref ?? null
  }

  #sessionMembers (
    request: FastifyRequest
  ): Pick<RequestMiro, 'session' | 'sessions' | 'endSession' | 'endOtherSessions'> {
    const { mode } = this.#parts
    return {
      session: async () => {
        const own = mode.ownSessions()
        const session = await this.#session()
        return session === null ? null : own.describe(session)
      },
      sessions: async () => {
        const own = mode.ownSessions()
        const session = await this.#session()
        return session === null ? [] : own.list(session)
      },
      endSession: async (id: string) => mode.ownSessions().end(request, await this.#requireSession(), id),
      endOtherSessions: async () => mode.ownSessions().endOthers(request, await this.#requireSession())
    }
  }

  async #session (): Promise<Session | null> {
    return (await this.#appUser())?.sessionRecord ?? null
  }

  async #requireSession (): Promise<Session> {
    const session = await this.#session()
    if (session === null) throw this.#parts.mode.notSignedIn()
    return session
  }

  async #grant (): Promise<Grant | null> {
    const found = await this.#current()
    await this.#own.throwIfRefused(found)
    return found?.snapshot.grant ?? null
  }

  async #grants (withEnded: boolean): Promise<Grant[]> {
    const appUser = await this.#appUser()
    const found = appUser === null ? [] : await this.#parts.linked.all(appUser.appUserId)
    return found.flatMap(({ snapshot }) => snapshot.grant ?? (withEnded ? snapshot.ended : null) ?? [])
  }

  #clientFor (ref: GrantRef): GrantClient {
    return new GrantClient(this.#clientParts, async () => {
      return this.#parts.linked.find((await this.#requireAppUser()).appUserId, ref)
    })
  }

  async #requireAppUser (): Promise<AppUser> {
    const appUser = await this.#appUser()
    if (appUser === null) throw this.#parts.mode.notSignedIn()
    return appUser
  }
}
