import { randomInt } from 'node:crypto'

/** A random number from 0 to 1, to spread in time what would happen at once. */
export function randomPart (): number {
  return randomInt(1001) / 1000
}
