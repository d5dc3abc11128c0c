import { createHmac } from 'node:crypto'
import type { MiroAuth } from '@miro-oauth/core'
import { storeKey } from '@miro-oauth/core/internal'
import type { FastifyRequest } from 'fastify'
import type { EventLog } from '../events/event-log.js'
import type { SessionEnding } from '../plugin-event.js'
import type { Session } from './session-record.js'

/** Tells what becomes of sessions, each by a fingerprint. `request`: what caused it; `null`: none did. */
export class SessionEvents {
  readonly #events: EventLog
  readonly #auth: Pick<MiroAuth, 'fingerprint'>
  readonly #settings: { clientId: string, clientSecret: string }

  constructor (events: EventLog, auth: Pick<MiroAuth, 'fingerprint'>, settings: { clientId: string, clientSecret: string }) {
    this.#events = events
    this.#auth = auth
    this.#settings = settings
  }

  began (request: FastifyRequest | null, { publicId, userId, teamId }: Session): void {
    const grant = this.#auth.fingerprint({ userId, teamId })
    this.#events.emit(request, { type: 'signed_in', session: this.#fingerprint(publicId), grant })
  }

  ended (request: FastifyRequest | null, { publicId }: Session, why: SessionEnding): void {
    const session = this.#fingerprint(publicId)
    this.#events.emit(request, why === 'logout' ? { type: 'signed_out', session } : { type: 'session_ended', session, why })
  }

  /** @param recordId that of a session's first id has the fingerprint of the session itself */
  unknown (request: FastifyRequest, recordId: string): void {
    this.#events.emit(request, { type: 'session_unknown', session: this.#fingerprint(recordId) })
  }

  /** HMAC-SHA-256 under the client secret, shortened, as core's fingerprint of a grant. */
  #fingerprint (publicId: string): string {
    const { clientId, clientSecret } = this.#settings
    const key = storeKey('session', clientId, publicId)
    return createHmac('sha256', clientSecret).update(key).digest('base64url').slice(0, 16)
  }
}
