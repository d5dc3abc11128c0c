import { isJsonObject, parseExactJson } from '../wire/lossless-json.js'

/**
 * Parses a JSON object without objects in it and without a name that comes twice, so that no other reader can find
 * other values there. Integers become bigints.
 *
 * @returns `null`: the bytes hold none
 */
export function parseFlatJson (bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const value = parseExactJson(text)
    if (!isJsonObject(value) || Object.values(value).some(holdsObject)) return null
    return countNames(text) === Object.keys(value).length ? value : null
  } catch {
    return null
  }
}

function holdsObject (value: unknown): boolean {
  return Array.isArray(value) ? value.some(holdsObject) : isJsonObject(value)
}

/** Each text that a colon follows is a name. */
function countNames (text: string): number {
  return Array.from(text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)).filter(([, colon]) => colon !== undefined).length
}
