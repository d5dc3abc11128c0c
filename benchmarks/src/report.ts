import type { Measurement, Round } from './rounds.js'
import type { StoreCalls } from './scenarios/counting-store.js'
import { baseline, scenarios } from './scenarios/index.js'
import { spreadOf, type Spread } from './statistics.js'
import type { TokenCalls } from './token-calls.js'

/** Formats a table as text. The columns after the first are aligned to the right. */
export function toTable (head: string[], rows: string[][]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  return [head, ...rows].map((row) => row.map((cell, column) => {
    const width = widths[column] ?? 0
    return column === 0 ? cell.padEnd(width) : cell.padStart(width)
  }).join('  ').trimEnd()).join('\n')
}

/** Each scenario as a ratio to the one that it is compared with, in the same round. */
export function requestTable (names: string[], rounds: Round[], callsOf: Map<string, StoreCalls>): string {
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

/** `accessToken()` as a ratio to one request of the baseline. */
export function callTable (calls: TokenCalls[], rounds: Round[]): string {
  const request = spreadOf(rounds.map((round) => of(baseline, round).cpuMicros)).median
  return toTable(['', 'calls/s', 'processor time'], calls.map(({ title, rate, cpuMicros }) => {
    return [title, Math.round(rate).toLocaleString('en'), (cpuMicros / request).toFixed(2)]
  }))
}

/** The baseline in absolute numbers: two runs can be compared only if these are similar. */
export function baselineLine (rounds: Round[]): string {
  const rate = spreadOf(rounds.map((round) => of(baseline, round).rate))
  const cpu = spreadOf(rounds.map((round) => of(baseline, round).cpuMicros))
  const rates = `${Math.round(rate.lower)}..${Math.round(rate.upper)}`
  return `1.00 was ${Math.round(rate.median).toLocaleString('en')} requests/s (${rates}), ` +
    `${cpu.median.toFixed(1)} µs of processor time each (${cpu.lower.toFixed(1)}..${cpu.upper.toFixed(1)})`
}

function ratios (name: string, rounds: Round[], valueOf: (measurement: Measurement) => number): number[] {
  const other = scenarios[name]?.comparedWith ?? baseline
  return rounds.map((round) => valueOf(of(name, round)) / valueOf(of(other, round)))
}

function of (name: string, round: Round): Measurement {
  const measurement = round.get(name)
  if (measurement === undefined) throw new Error(`${name} was not measured.`)
  return measurement
}

function toCells ({ median, lower, upper }: Spread): [string, string] {
  return [median.toFixed(2), `${lower.toFixed(2)}..${upper.toFixed(2)}`]
}
