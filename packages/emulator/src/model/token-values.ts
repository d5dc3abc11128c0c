/** Makes the text of a token; no two calls may return the same. */
export type TokenValues = () => string

/** Counts the tokens, `token-1`, `token-2` and so on, so that a test can name them. */
export function countedTokenValues (prefix = 'token'): TokenValues {
  let count = 0
  return () => `${prefix}-${++count}`
}
