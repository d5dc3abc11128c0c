/** Makes the text of a token; no two calls may return the same. */
export type TokenValues = () => string

/** Tokens that are told apart at a glance and cost nothing: `token-1`, `token-2` and so on. */
export function countedTokenValues (prefix = 'token'): TokenValues {
  let count = 0
  return () => `${prefix}-${++count}`
}
