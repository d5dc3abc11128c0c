import type { MiroEvent, OnEvent } from '@miro-oauth/core'
import type { FastifyBaseLogger } from 'fastify'

const levels: Record<MiroEvent['type'], 'debug' | 'info' | 'warn' | 'error'> = {
  connected: 'info',
  disconnected: 'info',
  revocation_pending: 'warn',
  refreshed: 'debug',
  refresh_failed: 'warn',
  refresh_dropped: 'warn',
  lease_taken_over: 'warn',
  rejected: 'warn',
  token_refused: 'info',
  commit_delayed: 'error',
  breaker_opened: 'error',
  breaker_closed: 'info'
}

/** Makes a listener that writes every event to the app's log, as `{ miro: event }`, and hands it on. */
export function logEvents (log: FastifyBaseLogger, next: OnEvent | undefined): OnEvent {
  return (event) => {
    log[levels[event.type]]({ miro: event }, `miro ${event.type.replaceAll('_', ' ')}`)
    // Return what the app's listener returns: the emitter handles a promise that rejects.
    return next?.(event)
  }
}
