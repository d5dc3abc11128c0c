import type { FaultCounts } from '../fleet/process-faults.js'
import type { ProcessLifetime } from '../fleet/process-lifetime.js'
import type { FinalCounts } from '../judge/judge-all.js'
import type { RequestLog } from '../miro/request-log.js'
import type { Tally } from '../report/tally.js'
import type { StoreKind } from '../stores/store-kind.js'
import type { SubjectName } from '../subjects/subject-name.js'

export const reuseRules = ['refuse', 'revoke-family', 'both'] as const

/** What Miro does about a spent refresh token; `both` changes from `refuse` to `revoke-family` at half-time. */
export type ReuseRule = typeof reuseRules[number]

export const killTargets = ['any', 'refreshing'] as const

/** Which processes SIGKILL hits: any, or only those with a refresh under way, in which it can cost a grant. */
export type KillTarget = typeof killTargets[number]

export interface StormOptions {
  store: StoreKind
  subject: SubjectName
  seed: number
  minutes: number
  reuse: ReuseRule
  kill: KillTarget
  /** 1 for the real lease and limits; a smaller number shrinks every wait. */
  scale: number
  people: number
  callsPerSecond: number
  /** Where given, the storm goes on after its minutes until this is true, for one more minute at most. */
  isEnough?: (progress: StormProgress) => boolean
  /** Called with a line about the progress every ten seconds. */
  onProgress: (line: string) => void
}

/** What a storm has done so far. */
export interface StormProgress {
  tally: Tally
  requestLog: RequestLog
  counts: FaultCounts
  /** Every process that was started. */
  processes: readonly ProcessLifetime[]
}

/** What a storm has done in the end. */
export interface StormResult extends StormProgress, FinalCounts {
  options: StormOptions
  /** How long the faults went on, in milliseconds. */
  ms: number
  /** When they ended, in epoch milliseconds of the machine. */
  endedAt: number
}
