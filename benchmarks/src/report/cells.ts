import { differenceOf, ratioOf, valuesOf, type Round } from '../measure/rounds.js'
import { spreadOf, type Spread } from '../measure/statistics.js'
import type { Cell } from './result.js'

/** One metric of a subject, its median over the rounds. */
export function valueCell (rounds: readonly Round[], name: string, metric: string, digits: number): Cell {
  return { spread: spreadOf(valuesOf(rounds, name, metric)), digits }
}

/** The ratio to another subject of the same round. */
export function ratioCell (rounds: readonly Round[], name: string, other: string, metric: string): Cell {
  return { spread: ratioOf(rounds, name, other, metric), digits: 2 }
}

/** The difference to another subject of the same round. */
export function differenceCell (rounds: readonly Round[], name: string, other: string, metric: string): Cell {
  return { spread: differenceOf(rounds, name, other, metric), digits: 0 }
}

/** Says how far a row is from itself, by its ratio to its control. */
export function noiseLine (title: string, spread: Spread): string {
  // So few values hold no interval.
  if (spread.count < 6) return 'There were too few rounds to say how far a row is from itself.'
  const off = Math.max(Math.abs(spread.lower - 1), Math.abs(spread.upper - 1))
  return `A row measured against itself (${title}) is ${spread.median.toFixed(2)} of itself ` +
    `(${spread.lower.toFixed(2)} to ${spread.upper.toFixed(2)}): differences below ${off.toFixed(2)} say nothing here.`
}
