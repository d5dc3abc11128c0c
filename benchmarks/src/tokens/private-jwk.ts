import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'

/** A new key to sign DPoP proofs with, as a JWK. */
export function createPrivateJwk (): JsonWebKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', kid: 'key-1' }
}
