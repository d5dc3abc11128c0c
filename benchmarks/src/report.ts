import type { Measurement, Round } from './rounds.js'
import { baseline, scenarios } from './scenarios/index.js'
import { spreadOf, type Spread } from './statistics.js'
import type { TokenCalls } from './token-calls.js'

/** A table of text: columns as wide as they need, numbers to the right. */
export function toTable (head: string[], rows: string[][]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  return [head, ...rows].map((row) => row.map((cell, column) => {
    const width = widths[column] ?? 0
    return column === 0 ? cell.padEnd(width) : cell.padStart(width)
  }).join('  ').trimEnd()).join('\n')
}

/** What each scenario did beside the one that it is held against, in the same round. */
export function requestTable (names: string[], rounds: Round[], callsOf: Map<string, { reads: number, writes: number }>): string {
  const head = ['', 'requests/s', 'middle half', 'processor time', 'middle half', 'store reads', 'writes']
  return toTable(head, names.map((name) => {
    const calls = callsOf.get(name)
    return [
      scenarios[name]?.title ?? name,
      ...toCells(spreadOf(ratios(name, rounds, ({ rate }) => rate))),
      ...toCells(spreadOf(ratios(name, rounds, ({ cpuMicros }) => cpuMicros))),
      String(calls?.reads ?? ''),
      String(calls?.writes ?? '')
    ]
  }))
}

/** How `accessToken()` did beside one request of the baseline. */
export function callTable (calls: TokenCalls[], rounds: Round[]): string {
  const request = spreadOf(rounds.map((round) => of(baseline, round).cpuMicros)).median
  return toTable(['', 'calls/s', 'processor time'], calls.map(({ title, rate, cpuMicros }) => {
    return [title, Math.round(rate).toLocaleString('en'), (cpuMicros / request).toFixed(2)]
  }))
}

/** The baseline in numbers of this machine, to judge whether two runs can be compared at all. */
export function baselineLine (rounds: Round[]): string {
  const rate = spreadOf(rounds.map((round) => of(baseline, round).rate))
  const cpu = spreadOf(rounds.map((round) => of(baseline, round).cpuMicros))
  return `1.00 was ${Math.round(rate.median).toLocaleString('en')} requests/s (${Math.round(rate.lower)}..${Math.round(rate.upper)}), ` +
    `${cpu.median.toFixed(1)} µs of processor time each (${cpu.lower.toFixed(1)}..${cpu.upper.toFixed(1)})`
}

function ratios (name: string, rounds: Round[], valueOf: (measurement: Measurement) => number): number[] {
  const beside = scenarios[name]?.beside ?? baseline
  return rounds.map((round) => valueOf(of(name, round)) / valueOf(of(beside, round)))
}

function of (name: string, round: Round): Measurement {
  const measurement = round.get(name)
  if (measurement === undefined) throw new Error(`${name} was not measured.`)
  return measurement
}

function toCells ({ median, lower, upper }: Spread): [string, string] {
  return [median.toFixed(2), `${lower.toFixed(2)}..${upper.toFixed(2)}`]
}
