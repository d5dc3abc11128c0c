import { invalidParameters } from './envelope.js'

export interface Bounds {
  min: number
  max: number
  fallback: number
}

/**
 * Reads a whole number from a query.
 *
 * @throws {MiroRefusal} 400 if it is not a whole number, is out of bounds, or occurs twice
 */
export function readWholeNumber (query: URLSearchParams, name: string, { min, max, fallback }: Bounds): number {
  const [text, ...more] = query.getAll(name)
  if (text === undefined) return fallback
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN
  if (more.length > 0 || !(value >= min && value <= max)) {
    throw invalidParameters(`${name} must be one whole number from ${min} to ${max}`)
  }
  return value
}
