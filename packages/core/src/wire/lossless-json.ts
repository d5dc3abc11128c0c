import { isInteger, parse } from 'lossless-json'

/**
 * Parses JSON without rounding: integers beyond 2^53 become strings, all other numbers stay numbers.
 *
 * Miro shows 19-digit ids as bare numbers in places; `JSON.parse` would round them to the id of another user.
 *
 * @throws {SyntaxError} the text is not JSON; its message may quote the text, so it must not be passed on
 */
export function parseJson (text: string): unknown {
  return parse(text, undefined, {
    parseNumber: toNumber,
    // As JSON.parse does: a field that is repeated must not cost the only live pair.
    onDuplicateKey: ({ newValue }) => newValue
  })
}

/** The same; `null` if the text is no JSON. */
export function parseJsonOrNull (text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return null
  }
}

/**
 * Parses JSON that names what is to be done: integers of any length become bigints, so that no literal is taken for
 * another, and a name that comes twice with different values is an error.
 *
 * @throws {SyntaxError} the text is not JSON; its message may quote the text, so it must not be passed on
 */
export function parseExactJson (text: string): unknown {
  return parse(text, undefined, { parseNumber: (number) => isInteger(number) ? BigInt(number) : Number(number) })
}

/** Whether a parsed value is a JSON object. */
export function isJsonObject (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** As text where a number would be another one: `1e400` would become Infinity, which JSON writes as null. */
function toNumber (text: string): string | number {
  const number = Number(text)
  const isExact = isInteger(text) ? Number.isSafeInteger(number) : Number.isFinite(number)
  return isExact ? number : text
}
