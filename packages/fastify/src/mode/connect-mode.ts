import { ConfigError, type Connection, type Disconnection, type MiroAuth } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import { NoAppUserError } from '../errors.js'
import type { FlowOutcome } from '../flow/spent-flows.js'
import { toRef, type ConsentedGrant } from '../grants/consented-grant.js'
import { linkNew } from '../grants/linked-grants.js'
import type { AppUserId } from '../options.js'
import { callAppFunction } from '../app-function.js'
import type { AppUser, CompletedFlow, Mode } from './mode.js'

/** "Connect Miro": the app has its own users and login. Grants are linked to them, and no session is kept. */
export class ConnectMode implements Mode {
  /** No logout: that is the app's own, where the sessions are. */
  readonly routes = ['login', 'callback', 'disconnect'] as const
  readonly action = 'connect Miro'
  readonly loginFailureTitle = 'Connecting to Miro did not work'
  readonly #auth: MiroAuth
  readonly #appUserId: AppUserId

  constructor ({ auth, appUserId }: { auth: MiroAuth, appUserId: AppUserId }) {
    this.#auth = auth
    this.#appUserId = appUserId
  }

  addHooks (): void {}

  async currentUser (request: FastifyRequest): Promise<AppUser | null> {
    const appUserId = await this.#appUserOf(request)
    return appUserId === null ? null : { appUserId, session: null, sessionRecord: null }
  }

  senderOf (_request: FastifyRequest, appUser: AppUser | null): string | null {
    return appUser?.appUserId ?? null
  }

  notSignedIn (): NoAppUserError {
    return new NoAppUserError()
  }

  async flowUser (request: FastifyRequest, at: 'login' | 'callback' = 'login'): Promise<string> {
    const appUserId = await this.#appUserOf(request)
    if (appUserId === null) throw new NoAppUserError(at)
    return appUserId
  }

  async completeSignIn ({ connection, appUserId }: CompletedFlow): Promise<FlowOutcome> {
    if (appUserId === null) throw new NoAppUserError('callback')
    await linkNew(this.#auth, appUserId, connection)
    return { kind: 'linked', ref: toRef(connection.grant) }
  }

  async signInForTest (connection: Connection, appUserId: string | null): Promise<Record<string, string>> {
    if (appUserId === null) throw new ConfigError('Tell whom to link the grant to: appUserId is missing.')
    await linkNew(this.#auth, appUserId, connection)
    return {}
  }

  /** The callback has compared the flow's app user already: it is the one that the grant was linked to. */
  isSameBrowser (_request: FastifyRequest, outcome: FlowOutcome): boolean {
    return outcome.kind === 'linked'
  }

  async endSession (): Promise<void> {}

  async endSessionsOf (): Promise<void> {}

  /** The grant itself ends with the last user who is linked to it. */
  async endGrant (appUserId: string, { ref, consentId }: ConsentedGrant): Promise<Disconnection> {
    const { ended, revoked } = await this.#auth.unlink(appUserId, ref, { consentId })
    return { ended, revoked }
  }

  async endRefused (
    appUserId: string | null, { ref, consentId }: Pick<ConsentedGrant, 'ref' | 'consentId'>
  ): Promise<Disconnection> {
    if (appUserId === null) return this.#auth.disconnect(ref, { consentId, only: 'unlinked' })
    return this.#auth.unlink(appUserId, ref, { consentId })
  }

  async forgetSessions (): Promise<void> {}

  async select (): Promise<void> {
    throw new ConfigError('select() needs the plugin\'s own sessions; with appUserId, choose by the option grant.')
  }

  ownSessions (): never {
    throw new ConfigError('The plugin keeps no sessions together with appUserId: list and end those of the app.')
  }

  async #appUserOf (request: FastifyRequest): Promise<string | null> {
    const id: unknown = await callAppFunction('appUserId', () => this.#appUserId(request))
    if (id === null || id === undefined || id === '') return null
    // UTF-8 turns every lone surrogate into the same character, so that two ill-formed ids would share a key of the
    // store.
    if (typeof id === 'string' && id.isWellFormed()) return id
    throw new ConfigError('The option appUserId must return a string, or null where no user is signed in.')
  }
}
