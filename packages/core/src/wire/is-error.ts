import { types } from 'node:util'

/** Whether it is an error, also one of another realm, as those of Node's `fetch` are under Jest. */
export function isError (value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value)
}
