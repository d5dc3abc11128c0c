import { ConfigError, type GrantRef } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import type { ConsentedGrant } from '../grants/consented-grant.js'
import type { LinkedGrants } from '../grants/linked-grants.js'
import type { AppUser, Mode } from '../mode/mode.js'
import type { OwnSessions } from '../mode/own-sessions.js'
import type { ChooseGrant } from '../options.js'
import type { Session } from '../session/session-record.js'
import { findCurrentGrant } from './current-grant.js'
import type { Sender } from './sender.js'
import { sharedResult } from './shared-result.js'

/** What {@link AppUserSender} works with. */
export interface AppUserSenderParts {
  mode: Mode
  linked: LinkedGrants
  choose: ChooseGrant | undefined
}

/** A request that a user of the app sent, by a session: the plugin's, or the app's own. */
export class AppUserSender implements Sender {
  readonly #parts: AppUserSenderParts
  readonly #request: FastifyRequest
  readonly #appUser: () => Promise<AppUser | null>
  #chosen: (() => Promise<ConsentedGrant | null>) | undefined

  constructor (parts: AppUserSenderParts, request: FastifyRequest) {
    this.#parts = parts
    this.#request = request
    this.#appUser = sharedResult(() => parts.mode.currentUser(request))
  }

  async current (): Promise<ConsentedGrant | null> {
    const appUser = await this.#appUser()
    if (appUser === null) return null
    // It was read together with the session.
    if (this.#parts.choose === undefined && appUser.session !== null) return appUser.session
    this.#chosen ??= sharedResult(() => findCurrentGrant(this.#parts, this.#request, appUser))
    return this.#chosen()
  }

  async all (): Promise<ConsentedGrant[]> {
    const appUser = await this.#appUser()
    return appUser === null ? [] : this.#parts.linked.all(appUser.appUserId)
  }

  async find (ref: GrantRef): Promise<ConsentedGrant | null> {
    return this.#parts.linked.find((await this.#requireAppUser()).appUserId, ref)
  }

  async require (): Promise<void> {
    await this.#requireAppUser()
  }

  async panelUser (): Promise<never> {
    throw new ConfigError('Only a route with config: { miro: { panel: … } } knows the person at the board.')
  }

  async session (): Promise<Session | null> {
    this.ownSessions()
    return (await this.#appUser())?.sessionRecord ?? null
  }

  async requireSession (): Promise<Session> {
    const session = await this.session()
    if (session === null) throw this.#parts.mode.notSignedIn()
    return session
  }

  ownSessions (): OwnSessions {
    return this.#parts.mode.ownSessions()
  }

  async select (grant: ConsentedGrant): Promise<void> {
    await this.#parts.mode.select(this.#request, grant)
  }

  async #requireAppUser (): Promise<AppUser> {
    const appUser = await this.#appUser()
    if (appUser === null) throw this.#parts.mode.notSignedIn()
    return appUser
  }
}
