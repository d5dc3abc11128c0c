import type { BackendAddress, BackendKind } from '../backend/backend-kind.js'
import type { SectionResult } from './result.js'

/** How much of a section is measured. */
export interface SectionPlan {
  rounds: number
  /** Rounds that do not count, before those that do. */
  warmUps: number
  /** How long one measurement takes, in milliseconds, where it can be any length. */
  ms: number
  /** Connections at a time, each with one request in flight. */
  connections: number
  /** How often processes are started anew: some processes are faster than others of the same code. */
  starts: number
  seed: number
  /** No further round begins after this, in milliseconds of `performance.now()`. */
  untilMs: number
  /** How many grants the stores hold, of which none is due. */
  grants: number
  /** How many grants are due. */
  due: number
  /** Options of Node.js for servers, such as `--cpu-prof`. */
  execArgv: string[]
  /** The rows to measure; `null`: all. What they are compared with is always measured. */
  only: readonly string[] | null
}

/** What a section needs of the run. */
export interface SectionTools {
  /** The server for a kind of records; `null`: this machine has none, and its rows are left out. */
  address: (kind: BackendKind) => Promise<BackendAddress | null>
  progress: (text: string) => void
}

/** One part of the benchmarks, with tables of its own. */
export interface Section {
  title: string
  /** Its part of the time of a run, as a weight. */
  weight: number
  /** The names of its rows for `--only`. */
  rows: readonly string[]
  /** `null`: what it needs is not on this machine. */
  run: (plan: SectionPlan, tools: SectionTools) => Promise<SectionResult | null>
}
