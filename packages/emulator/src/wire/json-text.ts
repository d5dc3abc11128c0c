/** A value that can be written as JSON. A `bigint` becomes a bare number with all of its digits. */
export type JsonValue = string | number | boolean | bigint | null | readonly JsonValue[] | JsonObject

/** An object of JSON. A field that is `undefined` is left out. */
export interface JsonObject {
  readonly [name: string]: JsonValue | undefined
}

/**
 * Writes JSON in which a `bigint` keeps all of its digits. Miro sends bare ids beyond 2^53, which `JSON.stringify`
 * cannot write (`JSON.rawJSON` is missing on Node.js 20).
 */
export function toJsonText (value: JsonValue): string {
  if (typeof value === 'bigint') return value.toString()
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isList(value)) return `[${value.map(toJsonText).join(',')}]`
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : [`${JSON.stringify(name)}:${toJsonText(member)}`])
  return `{${members.join(',')}}`
}

function isList (value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value)
}
