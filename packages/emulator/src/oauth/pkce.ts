import { createHash } from 'node:crypto'
import { findRepeated } from '../wire/parameters.js'

export const pkceModes = ['ignore', 'enforce', 'refuse'] as const

/**
 * What the server does about PKCE (RFC 7636): disregards its parameters, requires a challenge of the method S256 and
 * its verifier, or refuses the parameters as one that does not know them.
 */
export type PkceMode = typeof pkceModes[number]

/** BASE64URL of a SHA-256. */
const challengeForm = /^[\w-]{43}$/

/**
 * Why the authorize page refuses a query over PKCE, or `null`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7636#section-4.4.1
 */
export function findChallengeProblem (query: URLSearchParams, mode: PkceMode): string | null {
  const names = ['code_challenge', 'code_challenge_method']
  if (mode === 'ignore') return null
  if (mode === 'refuse') return findUnknown(query, names)
  const repeated = findRepeated(query, names)
  if (repeated !== undefined) return `The parameter ${repeated} occurs more than once`
  if (query.get('code_challenge_method') !== 'S256') return 'The parameter code_challenge_method must be S256'
  const isChallenge = challengeForm.test(query.get('code_challenge') ?? '')
  return isChallenge ? null : 'The parameter code_challenge must be 43 characters of base64url'
}

/** Why the token endpoint refuses a request over PKCE before it looks at the code, or `null`. */
export function findVerifierProblem (parameters: URLSearchParams, mode: PkceMode): string | null {
  const names = ['code_verifier']
  if (mode === 'ignore') return null
  if (mode === 'refuse') return findUnknown(parameters, names)
  if (findRepeated(parameters, names) !== undefined) return 'The parameter code_verifier occurs more than once'
  const isMissing = parameters.get('grant_type') === 'authorization_code' && !parameters.get('code_verifier')
  return isMissing ? 'The parameter code_verifier is missing' : null
}

/**
 * Whether the verifier belongs to the challenge that the code was issued under.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7636#section-4.6
 */
export function isVerified (challenge: string | null, verifier: string | null): boolean {
  return challenge !== null && verifier !== null && createHash('sha256').update(verifier).digest('base64url') === challenge
}

function findUnknown (parameters: URLSearchParams, names: readonly string[]): string | null {
  const unknown = names.find((name) => parameters.has(name))
  return unknown === undefined ? null : `The parameter ${unknown} is not known`
}
