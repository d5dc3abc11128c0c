import { ConfigError } from '@miro-oauth/core'
import type { Sender } from '../request/sender.js'

/** A request of a panel's route that reads no grant: whatever is asked of it but the person at the board is a bug. */
export class NoSender implements Sender {
  readonly panelUser: Sender['panelUser']
  readonly #why: string

  /** @param why the message of the {@link ConfigError} */
  constructor (why: string, panelUser?: Sender['panelUser']) {
    this.#why = why
    this.panelUser = panelUser ?? (() => this.#refuse())
  }

  readonly current = (): Promise<never> => this.#refuse()
  readonly all = (): Promise<never> => this.#refuse()
  readonly find = (): Promise<never> => this.#refuse()
  readonly require = (): Promise<never> => this.#refuse()
  readonly session = (): Promise<never> => this.#refuse()
  readonly requireSession = (): Promise<never> => this.#refuse()
  readonly select = (): Promise<never> => this.#refuse()

  ownSessions (): never {
    throw new ConfigError(this.#why)
  }

  async #refuse (): Promise<never> {
    throw new ConfigError(this.#why)
  }
}
