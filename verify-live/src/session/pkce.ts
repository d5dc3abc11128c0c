import { createHash, randomBytes } from 'node:crypto'

/** A verifier and its challenge. @see https://www.rfc-editor.org/rfc/rfc7636#section-4 */
export interface Proof {
  verifier: string
  challenge: Readonly<Record<'code_challenge' | 'code_challenge_method', string>>
}

export function createProof (): Proof {
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  return { verifier, challenge: { code_challenge: challenge, code_challenge_method: 'S256' } }
}
