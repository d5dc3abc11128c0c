import type { FaultCounts } from '../fleet/process-faults.js'
import type { RequestLog } from '../miro/request-log.js'
import type { Tally } from './tally.js'

/** How a storm goes, in a line. */
export function progressLine ({ requestLog, tally, counts, ms }: { requestLog: RequestLog, tally: Tally, counts: FaultCounts, ms: number }): string {
  const granted = requestLog.requests.filter(({ kind, gave }) => kind === 'refresh' && gave !== null).length
  const lost = [...tally.unavoidable.values()].reduce((sum, count) => sum + count, 0)
  return `${Math.round(ms / 1000)} s: ${granted} refreshes, ${tally.durationsMs.length} calls, ${counts.kills} kills, ${lost} lost unavoidably, ${tally.violations.length} violations`
}
