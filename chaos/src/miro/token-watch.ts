import type { Emulator, FaultRequest } from '@miro-oauth/emulator'
import { machineNow } from '../time.js'
import type { RequestLog } from './request-log.js'

/** The header in which every process says who sends a request: its own name and a number, with a colon between them. */
export const senderHeader = 'x-chaos-request'

/** Writes into the request log what the token endpoint is asked. It must be added before any fault, to see every request first. */
export function watchTokens ({ emulator, requestLog }: { emulator: Emulator, requestLog: RequestLog }): void {
  const look = (see: (request: FaultRequest, id: string) => void) => (request: FaultRequest): boolean => {
    const id = senderOf(request)
    if (id !== null) see(request, id)
    return false
  }
  emulator.faults.add({
    on: 'token',
    do: 'delay',
    ms: 0,
    times: Infinity,
    match: look((request, id) => {
      const refreshToken = request.parameters.get('refresh_token')
      const presented = refreshToken === null ? null : emulator.ledger.pairOf(refreshToken)?.id ?? null
      const kind = refreshToken === null ? 'exchange' : 'refresh'
      const sender = id.slice(0, id.indexOf(':'))
      requestLog.recordArrival({ id, process: sender, kind, presented, arrivedAt: machineNow(), decidedAt: null, gave: null, answerLost: null, heldMs: 0 }, refreshToken)
    })
  })
  emulator.faults.add({
    on: 'token',
    do: 'delay',
    ms: 0,
    when: 'after',
    times: Infinity,
    match: look((request, id) => {
      const known = requestLog.request(id)
      if (known !== undefined) requestLog.recordDecision(known, request.parameters.get('refresh_token'), { at: machineNow(), status: request.status ?? 0 })
    })
  })
}

export function senderOf ({ headers }: FaultRequest): string | null {
  const value = headers[senderHeader]
  return typeof value === 'string' && value.includes(':') ? value : null
}
