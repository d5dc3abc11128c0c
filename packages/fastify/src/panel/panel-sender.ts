import { ConfigError, type GrantRef, type IdToken, type MiroAuth } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import { isSameGrant, readCurrent, type ConsentedGrant } from '../grants/consented-grant.js'
import { bearerToken } from '../http/bearer-token.js'
import type { Sender } from '../request/sender.js'
import { sharedResult } from '../request/shared-result.js'

/**
 * A request that a panel sent: who is at the board, by the id token behind `Authorization: Bearer`, and the grant of
 * that user in that team. Miro's word takes the place of a session and of a link, so no cookie is looked at.
 */
export class PanelSender implements Sender {
  readonly panelUser: () => Promise<IdToken>
  readonly current: () => Promise<ConsentedGrant | null>

  constructor (auth: MiroAuth, request: FastifyRequest) {
    this.panelUser = sharedResult(() => auth.verifyIdToken(bearerToken(request)))
    this.current = sharedResult(async () => readCurrent(auth, await this.panelUser()))
  }

  async all (): Promise<ConsentedGrant[]> {
    return [await this.current()].filter((grant) => grant !== null)
  }

  async find (ref: GrantRef): Promise<ConsentedGrant | null> {
    const current = await this.current()
    return isSameGrant(current?.ref, ref) ? current : null
  }

  async require (): Promise<void> {
    await this.panelUser()
  }

  async session (): Promise<never> {
    throw new ConfigError(noSession)
  }

  async requireSession (): Promise<never> {
    throw new ConfigError(noSession)
  }

  ownSessions (): never {
    throw new ConfigError(noSession)
  }

  async select (): Promise<never> {
    throw new ConfigError(noSession)
  }
}

const noSession = 'A panel has no session: its requests act for the person at the board, in the team of the board.'
