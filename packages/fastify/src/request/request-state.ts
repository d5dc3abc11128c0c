import { NotConnectedError, ReauthorizeError, type Grant, type GrantRef, type IdToken, type MiroAuth, type MiroClient } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import type { HookRunner, OnReauthorizeOnce } from '../events/hook-runner.js'
import type { GrantNames } from '../grants/grant-names.js'
import type { SessionInfo, SignedInBrowser } from '../session/session-info.js'
import type { Settings } from '../settings.js'
import { GrantClient } from './grant-client.js'
import type { GrantRecheck } from './grant-recheck.js'
import { MiroOfRequest } from './miro-of-request.js'
import type { RequestMiro } from './request-miro.js'
import type { Sender } from './sender.js'

/** What {@link RequestState} works with. */
export interface RequestParts {
  auth: MiroAuth
  hooks: HookRunner
  recheck: GrantRecheck
  names: GrantNames
  settings: Pick<Settings, 'requiredScopes'>
}

/** What the plugin keeps of one request: who sent it, with their current grant, and its `request.miro`. */
export class RequestState {
  readonly miro: RequestMiro
  readonly #parts: RequestParts
  readonly #request: FastifyRequest
  readonly #sender: Sender
  readonly #own: GrantClient
  #onReauthorizeOnce: OnReauthorizeOnce | undefined

  constructor (parts: RequestParts, request: FastifyRequest, sender: Sender) {
    this.#parts = parts
    this.#request = request
    this.#sender = sender
    this.#own = new GrantClient(parts, this, () => sender.current())
    this.miro = new MiroOfRequest(this)
  }

  /** The client of the grant that the request acts for. */
  get client (): MiroClient {
    return this.#own.client
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
    if (!grant.snapshot.isExpired) {
      if (this.#parts.recheck.isOn) await this.#parts.recheck.ensure(grant, (signal) => this.#ask(signal))
      return
    }
    await this.client.accessToken().catch((error: unknown) => {
      if (error instanceof ReauthorizeError || error instanceof NotConnectedError) throw error
    })
  }

  /** Tells the app, once for this request, that a grant must be connected again. */
  async onReauthorize (ref: GrantRef, { reason }: Pick<ReauthorizeError, 'reason'>): Promise<void> {
    this.#onReauthorizeOnce ??= this.#parts.hooks.onReauthorizeOnce()
    await this.#onReauthorizeOnce({ request: this.#request, ref, reason })
  }

  async requireUser (): Promise<void> {
    await this.#sender.require()
  }

  clientFor (ref: GrantRef): GrantClient {
    return new GrantClient(this.#parts, this, () => this.#sender.find(ref))
  }

  /** The grant that the request acts for, whether or not it may be used. @throws {StoreError | RecordError} */
  async grantRef (): Promise<GrantRef | null> {
    return (await this.#sender.current())?.ref ?? null
  }

  // The members of `request.miro`: see there.

  async panelUser (): Promise<IdToken> {
    return { ...await this.#sender.panelUser() }
  }

  async grant (): Promise<Grant | null> {
    const found = await this.#sender.current()
    await this.#own.throwIfRefused(found)
    const grant = found?.snapshot.grant ?? null
    return grant === null ? null : this.#parts.names.complete(grant)
  }

  async grants ({ ended: withEnded = false }: { ended?: boolean | undefined } = {}): Promise<Grant[]> {
    const found = await this.#sender.all()
    const grants = found.flatMap(({ snapshot }) => snapshot.grant ?? (withEnded ? snapshot.ended : null) ?? [])
    return Promise.all(grants.map((grant) => this.#parts.names.complete(grant)))
  }

  async select (ref: GrantRef): Promise<void> {
    await this.#sender.select(await this.clientFor(ref).requireUsable())
  }

  async session (): Promise<SessionInfo | null> {
    const session = await this.#sender.session()
    return session === null ? null : this.#sender.ownSessions().describe(session)
  }

  async sessions (): Promise<SignedInBrowser[]> {
    const session = await this.#sender.session()
    return session === null ? [] : this.#sender.ownSessions().list(session)
  }

  async endSession (id: string): Promise<void> {
    await this.#sender.ownSessions().end(this.#request, await this.#sender.requireSession(), id)
  }

  async endOtherSessions (): Promise<number> {
    return this.#sender.ownSessions().endOthers(this.#request, await this.#sender.requireSession())
  }

  /** By fetch, which neither repeats nor waits for the rate limit: a request that waits for its guard must not. */
  async #ask (signal: AbortSignal): Promise<void> {
    const { ok, body } = await this.client.fetch('/v1/oauth-token', { signal })
    body?.cancel().catch(() => {})
    if (!ok) throw new Error('Miro did not say whose token it is.')
  }
}
