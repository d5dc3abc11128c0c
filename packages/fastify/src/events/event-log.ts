import type { OnEvent } from '@miro-oauth/core'
import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import type { FastifyMiroEvent, PluginEventFields } from '../plugin-event.js'

/** What an operator should look at is `warn` or above. */
export const levels: Record<FastifyMiroEvent['type'], 'debug' | 'info' | 'warn' | 'error'> = {
  connected: 'info',
  disconnected: 'info',
  revocation_pending: 'warn',
  refreshed: 'debug',
  refresh_failed: 'warn',
  refresh_dropped: 'warn',
  lease_taken_over: 'warn',
  rejected: 'warn',
  token_refused: 'info',
  rate_limited: 'warn',
  rate_limit_waited: 'info',
  commit_delayed: 'error',
  breaker_opened: 'error',
  breaker_closed: 'info',
  signed_in: 'info',
  signed_out: 'info',
  session_ended: 'info',
  session_unknown: 'info',
  callback_refused: 'warn',
  cross_site_refused: 'warn'
}

/** Writes every event to the log, and hands it to the app's listener. */
export class EventLog {
  readonly #log: FastifyBaseLogger
  readonly #listener: ((event: FastifyMiroEvent) => unknown) | undefined

  constructor (log: FastifyBaseLogger, listener: ((event: FastifyMiroEvent) => unknown) | undefined) {
    this.#log = log
    this.#listener = listener
  }

  /** For core, which handles what the listener throws. */
  readonly onCoreEvent: OnEvent = (event) => {
    write(this.#log, event)
    return this.#listener?.(event)
  }

  /** @param request what caused it; `null`: none did */
  emit (request: FastifyRequest | null, fields: PluginEventFields): void {
    const event = { ...fields, requestId: request?.id ?? null } as FastifyMiroEvent
    write(request?.log ?? this.#log, event)
    // An error of the listener must not decide about a sign-in.
    try {
      const result = this.#listener?.(event)
      if (result instanceof Promise) result.catch(() => {})
    } catch {}
  }
}

function write (log: FastifyBaseLogger, event: FastifyMiroEvent): void {
  log[levels[event.type]]({ miro: event }, `miro ${event.type.replaceAll('_', ' ')}`)
}
