import type { Deeds } from '../fleet/process-faults.js'
import type { RequestLog } from '../miro/request-log.js'
import type { Tally } from './tally.js'

/** How a storm goes, in a line. */
export function progressLine ({ requestLog, tally, deeds, ms }: { requestLog: RequestLog, tally: Tally, deeds: Deeds, ms: number }): string {
  const granted = requestLog.requests.filter(({ kind, gave }) => kind === 'refresh' && gave !== null).length
  const lost = [...tally.unavoidable.values()].reduce((sum, count) => sum + count, 0)
  return `${Math.round(ms / 1000)} s: ${granted} refreshes, ${tally.waits.length} calls, ${deeds.kills} kills, ${lost} lost unavoidably, ${tally.violations.length} violations`
}
