/** What an answer may hold. A `bigint` is written as a bare JSON number with every digit. */
export type JsonValue = string | number | boolean | bigint | null | readonly JsonValue[] | JsonObject

export interface JsonObject {
  readonly [name: string]: JsonValue | undefined
}

/**
 * JSON text in which 64-bit integers keep all their digits: Miro sends bare ids beyond 2^53, which `JSON.stringify`
 * cannot write (`JSON.rawJSON` is missing on Node 20).
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
