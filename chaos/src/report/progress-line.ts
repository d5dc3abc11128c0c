import type { StormProgress } from '../plans/storm-options.js'
import { sum } from './numbers.js'

/** The progress of a storm after `ms` milliseconds, in one line. */
export function progressLine ({ requestLog, tally, counts }: StormProgress, ms: number): string {
  const granted = requestLog.requests.filter(({ kind, gave }) => kind === 'refresh' && gave !== null).length
  const seconds = Math.round(ms / 1000)
  return `${seconds} s: ${granted} refreshes, ${tally.durationsMs.length} calls, ${counts.kills} kills, ` +
    `${sum(tally.unavoidable.values())} lost unavoidably, ${tally.violations.length} violations`
}
