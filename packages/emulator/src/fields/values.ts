import { problem, type Rule } from './rule.js'

/** A rule of one value. */
function value (isValid: (value: unknown) => boolean, what: string): Rule {
  return { need: 'never', check: (given, at) => isValid(given) ? [] : [problem(at, what)] }
}

export function text ({ min = 0, max = Infinity }: { min?: number, max?: number } = {}): Rule {
  const bounds = max === Infinity ? '' : ` of ${min} to ${max} characters`
  return value((given) => isText(given) && given.length >= min && given.length <= max, `must be a string${bounds}`)
}

export function choice (choices: readonly string[]): Rule {
  return value((given) => isText(given) && choices.includes(given), `must be one of ${choices.join(', ')}`)
}

/** A JSON number that is finite, and above `above`. */
export function number ({ above = -Infinity }: { above?: number } = {}): Rule {
  const what = above === -Infinity ? 'must be a number' : `must be a number above ${above}`
  return value((given) => typeof given === 'number' && Number.isFinite(given) && given > above, what)
}

/** A number that Miro takes as a text, such as `"14"` and `"0.5"`. */
export function decimal ({ min, max }: { min: number, max: number }): Rule {
  const bounds = max === Infinity ? `from ${min}` : `from ${min} to ${max}`
  const isDecimal = (given: unknown) =>
    isText(given) && /^\d+(\.\d+)?$/.test(given) && Number(given) >= min && Number(given) <= max
  return value(isDecimal, `must be a number as a string, ${bounds}`)
}

/** A place along a line or a side, such as `"50%"`. */
export function percentage (): Rule {
  return value((given) => isText(given) && /^-?\d+(\.\d+)?%$/.test(given), 'must be a percentage, such as 50%')
}

export function flag (): Rule {
  return value((given) => typeof given === 'boolean', 'must be a boolean')
}

/** A 64-bit id, which Miro takes as a text: as a JSON number it would have lost digits on its way. */
export function id (): Rule {
  return value(isId, 'must be an id, as a string of digits')
}

/** An id, or null for none. */
export function idOrNull (): Rule {
  return value((given) => given === null || isId(given), 'must be an id, as a string of digits, or null')
}

export function url (): Rule {
  const isUrl = (given: unknown) => isText(given) && /^(https?:\/\/|data:)/i.test(given) && URL.canParse(given)
  return value(isUrl, 'must be an absolute URL')
}

/** @see https://www.rfc-editor.org/rfc/rfc3339#section-5.6 */
export function instant (): Rule {
  const isInstant = (given: unknown) =>
    isText(given) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/i.test(given) && !Number.isNaN(Date.parse(given))
  return value(isInstant, 'must be a date and time, such as 2026-03-30T17:26:50Z')
}

function isText (given: unknown): given is string {
  return typeof given === 'string'
}

function isId (given: unknown): boolean {
  return isText(given) && /^\d{1,19}$/.test(given)
}
