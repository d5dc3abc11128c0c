import type { SubjectName } from '../fleet/messages.js'
import type { FaultCounts } from '../fleet/process-faults.js'
import type { RequestLog } from '../miro/request-log.js'
import type { Tally } from '../report/tally.js'
import type { StoreKind } from '../stores/store-kind.js'

export const reuseRules = ['refuse', 'revoke-family', 'both'] as const

export interface StormOptions {
  store: StoreKind
  subject: SubjectName
  seed: number
  minutes: number
  /** What Miro does about a spent refresh token; `both`: the first half one, the second half the other. */
  reuse: typeof reuseRules[number]
  /** 1 for the real lease and limits; less shrinks all that is waited for. */
  scale: number
  people: number
  callsPerSecond: number
  /** Where given, the storm goes on after its minutes until this is so, for another one at most. */
  isEnough?: (soFar: SoFar) => boolean
  /** Told how it goes, every ten seconds. */
  onProgress: (line: string) => void
}

/** What a storm has done by now. */
export interface SoFar {
  tally: Tally
  requestLog: RequestLog
  counts: FaultCounts
}

/** What a storm left behind. */
export interface StormResult extends SoFar {
  options: StormOptions
  /** Whose store holds the live pair at the end, and who is away. */
  alive: number
  away: number
  /** How long it blew, in milliseconds, and when it was over, in epoch milliseconds of the machine. */
  ms: number
  endedAt: number
}
