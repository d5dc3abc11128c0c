import { NotConnectedError, ReauthorizeError, type Grant, type GrantRef, type IdToken, type MiroAuth } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import type { HookRunner } from '../events/hook-runner.js'
import type { ConsentedGrant } from '../grants/consented-grant.js'
import type { Settings } from '../settings.js'
import type { GrantRecheck } from './grant-recheck.js'
import { GrantClient, type GrantClientParts } from './grant-client.js'
import type { RequestMiro } from './request-miro.js'
import type { Sender } from './sender.js'

/** What {@link RequestState} works with. */
export interface RequestParts {
  auth: MiroAuth
  hooks: HookRunner
  recheck: GrantRecheck
  settings: Pick<Settings, 'requiredScopes'>
}

/** What the plugin keeps of one request: who sent it, with their current grant, and its `request.miro`. */
export class RequestState {
  readonly miro: RequestMiro
  readonly #recheck: GrantRecheck
  readonly #clientParts: GrantClientParts
  readonly #sender: Sender
  readonly #own: GrantClient

  constructor (parts: RequestParts, request: FastifyRequest, sender: Sender) {
    const { auth, hooks, recheck, settings: { requiredScopes } } = parts
    this.#recheck = recheck
    this.#sender = sender
    this.#clientParts = { auth, request, onReauthorize: hooks.onReauthorizeOnce(), requiredScopes }
    this.#own = new GrantClient(this.#clientParts, async () => {
      const grant = await sender.current()
      if (grant === null) await sender.require()
      return grant
    })
    this.miro = Object.assign(this.#own.client, {
      grant: () => this.#grant(),
      grants: async ({ ended = false }: { ended?: boolean } = {}) => this.#grants(ended),
      select: async (ref: GrantRef) => sender.select(await this.#clientFor(ref).requireUsable()),
      for: (ref: GrantRef) => this.#clientFor(ref).client,
      panelUser: () => this.panelUser(),
      ...sessionMembers(request, sender)
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
    // By fetch, which neither repeats nor waits for the rate limit: a request that waits for its guard must not.
    const ask = async (signal: AbortSignal): Promise<void> => {
      const { ok, body } = await this.#own.client.fetch('/v1/oauth-token', { signal })
      body?.cancel().catch(() => {})
      if (!ok) throw new Error('Miro did not say whose token it is.')
    }
    if (!grant.snapshot.isExpired) return this.#recheck.ensure(grant, ask)
    await this.#own.client.accessToken().catch((error: unknown) => {
      if (error instanceof ReauthorizeError || error instanceof NotConnectedError) throw error
    })
  }

  /** The grant that the request acts for, whether or not it may be used. @throws {StoreError | RecordError} */
  async grantRef (): Promise<GrantRef | null> {
    return (await this.#sender.current())?.ref ?? null
  }

  /** The person at the board: see {@link RequestMiro}. */
  async panelUser (): Promise<IdToken> {
    return { ...await this.#sender.panelUser() }
  }

  async #grant (): Promise<Grant | null> {
    const found = await this.#sender.current()
    await this.#own.throwIfRefused(found)
    return found?.snapshot.grant ?? null
  }

  async #grants (withEnded: boolean): Promise<Grant[]> {
    const found = await this.#sender.all()
    return found.flatMap(({ snapshot }) => snapshot.grant ?? (withEnded ? snapshot.ended : null) ?? [])
  }

  #clientFor (ref: GrantRef): GrantClient {
    return new GrantClient(this.#clientParts, async (): Promise<ConsentedGrant | null> => this.#sender.find(ref))
  }
}

function sessionMembers (
  request: FastifyRequest, sender: Sender
): Pick<RequestMiro, 'session' | 'sessions' | 'endSession' | 'endOtherSessions'> {
  return {
    session: async () => {
      const session = await sender.session()
      return session === null ? null : sender.ownSessions().describe(session)
    },
    sessions: async () => {
      const session = await sender.session()
      return session === null ? [] : sender.ownSessions().list(session)
    },
    endSession: async (id: string) => sender.ownSessions().end(request, await sender.requireSession(), id),
    endOtherSessions: async () => sender.ownSessions().endOthers(request, await sender.requireSession())
  }
}
