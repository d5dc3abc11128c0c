import type { GrantRef, IdToken, MiroAuth } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import { isSameGrant, readCurrent, type ConsentedGrant } from '../grants/consented-grant.js'
import { bearerToken } from '../http/bearer-token.js'
import { sharedResult } from '../request/shared-result.js'
import { NoSender } from './no-sender.js'

/** A request of a panel that only asks who is at the board, by the id token behind `Authorization: Bearer`. */
export class IdentitySender extends NoSender {
  readonly #user: () => Promise<IdToken>

  constructor (auth: MiroAuth, request: FastifyRequest, why: string) {
    super(why)
    this.#user = sharedResult(() => auth.verifyIdToken(bearerToken(request)))
  }

  override async panelUser (): Promise<IdToken> {
    return this.#user()
  }
}

/**
 * A request of a panel that acts for the grant of the person at the board, in the board's team. Miro's word takes the
 * place of a session and of a link, so no cookie is looked at.
 */
export class PanelSender extends IdentitySender {
  readonly #current: () => Promise<ConsentedGrant | null>

  constructor (auth: MiroAuth, request: FastifyRequest) {
    super(auth, request, noSession)
    this.#current = sharedResult(async () => readCurrent(auth, await this.panelUser()))
  }

  override async current (): Promise<ConsentedGrant | null> {
    return this.#current()
  }

  override async all (): Promise<ConsentedGrant[]> {
    return [await this.#current()].filter((grant) => grant !== null)
  }

  override async find (ref: GrantRef): Promise<ConsentedGrant | null> {
    const current = await this.#current()
    return isSameGrant(current?.ref, ref) ? current : null
  }

  override async require (): Promise<void> {
    await this.panelUser()
  }
}

const noSession = 'A panel has no session: its requests act for the person at the board, in the team of the board.'
