import { ConfigError, type GrantRef, type IdToken } from '@miro-oauth/core'
import type { ConsentedGrant } from '../grants/consented-grant.js'
import type { OwnSessions } from '../mode/own-sessions.js'
import type { Sender } from '../request/sender.js'
import type { Session } from '../session/session-record.js'

/** A request that reads no grant and has no session: each question about them is a bug of the app. */
export class NoSender implements Sender {
  readonly #why: string

  /** @param why the message of the {@link ConfigError} */
  constructor (why: string) {
    this.#why = why
  }

  async panelUser (): Promise<IdToken> {
    return this.#refuse()
  }

  async current (): Promise<ConsentedGrant | null> {
    return this.#refuse()
  }

  async all (): Promise<ConsentedGrant[]> {
    return this.#refuse()
  }

  async find (_ref: GrantRef): Promise<ConsentedGrant | null> {
    return this.#refuse()
  }

  async require (): Promise<void> {
    this.#refuse()
  }

  async session (): Promise<Session | null> {
    return this.#refuse()
  }

  async requireSession (): Promise<Session> {
    return this.#refuse()
  }

  ownSessions (): OwnSessions {
    return this.#refuse()
  }

  async select (): Promise<void> {
    this.#refuse()
  }

  #refuse (): never {
    throw new ConfigError(this.#why)
  }
}
