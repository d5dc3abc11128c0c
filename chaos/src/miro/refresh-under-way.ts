import type { ProcessLifetime } from '../fleet/process-lifetime.js'
import { machineNow } from '../time.js'
import type { RequestLog, TokenRequest } from './request-log.js'

/** By then a process that lives has stored its pair, and Miro has acted on a request that no fault delays. */
const usualMs = 1000
/** Requests before these are over. */
const recentRequests = 300

/** Whether a process has a refresh under way now, as far as the driver knows. */
export function isRefreshing (log: RequestLog, processId: string): boolean {
  const now = machineNow()
  return log.requests.slice(-recentRequests).some((request) => {
    return request.process === processId && request.kind === 'refresh' && now <= endOf(request, log)
  })
}

/** How many processes were killed between the arrival of a refresh request of theirs and the storing of its pair. */
export function killsInRefreshes ({ processes, requestLog }: {
  processes: readonly ProcessLifetime[]
  requestLog: RequestLog
}): number {
  return processes.filter(({ id, killedAt }) => killedAt !== null && requestLog.requests.some((request) => {
    const { process, kind, arrivedAt, gave } = request
    // A refresh that brought no pair does not count: its grant was in no danger.
    return process === id && kind === 'refresh' && gave !== null && arrivedAt <= killedAt && killedAt <= endOf(request, requestLog)
  })).length
}

/** When a refresh is over: its pair is stored, its answer lost, or the usual time has passed since Miro answered. */
function endOf ({ arrivedAt, decidedAt, gave, answerLost, answerDelayMs }: TokenRequest, log: RequestLog): number {
  if (decidedAt === null) return arrivedAt + usualMs
  const answeredAt = decidedAt + answerDelayMs
  return log.pair(gave)?.storedAt ?? (answerLost === null ? answeredAt + usualMs : answeredAt)
}
