import type { Emulator, FaultRequest } from '@miro-oauth/emulator'
import { machineNow } from '../time.js'
import type { RequestLog } from './request-log.js'
import { senderOf } from './request-sender.js'

/** Called for a request of a process of ours, with the value of its sender header. */
type Observer = (request: FaultRequest, id: string) => void

/**
 * Records every token request before and after Miro acts on it.
 *
 * It must be called before any fault is added, because a request is shown to the faults in the order of their adding,
 * and only until one of them ends it.
 */
export function watchTokens ({ emulator, requestLog }: { emulator: Emulator, requestLog: RequestLog }): void {
  observe(emulator, 'before', (request, id) => {
    const refreshToken = request.parameters.get('refresh_token')
    requestLog.recordArrival({
      id,
      process: id.slice(0, id.indexOf(':')),
      kind: refreshToken === null ? 'exchange' : 'refresh',
      presented: refreshToken === null ? null : emulator.ledger.pairOf(refreshToken)?.id ?? null,
      arrivedAt: machineNow(),
      decidedAt: null,
      gave: null,
      answerLost: null,
      answerDelayMs: 0
    }, refreshToken)
  })
  observe(emulator, 'after', (request, id) => {
    const known = requestLog.request(id)
    if (known === undefined) return
    const decision = { at: machineNow(), status: request.status ?? 0 }
    requestLog.recordDecision(known, request.parameters.get('refresh_token'), decision)
  })
}

/** Adds a fault that matches no request, for the sake of its `match`, which sees them all. */
function observe (emulator: Emulator, when: 'before' | 'after', observer: Observer): void {
  emulator.faults.add({
    on: 'token',
    do: 'delay',
    ms: 0,
    when,
    times: Infinity,
    match: (request) => {
      const id = senderOf(request)
      if (id !== null) observer(request, id)
      return false
    }
  })
}
