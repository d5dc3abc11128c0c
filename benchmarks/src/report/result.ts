import type { Spread } from '../measure/statistics.js'

/** A number with its interval, or a text. */
export type Cell = string | {
  spread: Spread
  /** How many digits stand behind the point. */
  digits: number
}

/** One row of a table. */
export interface Row {
  title: string
  cells: Cell[]
}

/** A table of a report. The first column has the titles of the rows. */
export interface Table {
  title: string
  head: string[]
  rows: Row[]
}

/** Bars in the picture: the rows of a table, and one of its columns. */
export interface Chart {
  title: string
  bars: Array<{ title: string, spread: Spread, isOurs: boolean }>
  digits: number
}

/** What one section found. */
export interface SectionResult {
  title: string
  /** How it was measured, a sentence each. */
  method: string[]
  /** How far a row is from itself; `null`: nothing here is compared. */
  noise: string | null
  rounds: number
  tables: Table[]
  chart: Chart | null
}

/** Under which circumstances a section was measured. */
export interface RunInfo {
  date: string
  node: string
  /** Versions of the packages that were measured, and of the servers. */
  versions: Record<string, string>
  machine: string
  /** How much of the processors other programs used before the run began. */
  load: string
  /** Whether other programs took so much of the machine that the numbers are worth nothing. */
  isBusy: boolean
  seed: number
  command: string
}

/** A section that was measured. */
export interface Measured {
  name: string
  run: RunInfo
  result: SectionResult
}
