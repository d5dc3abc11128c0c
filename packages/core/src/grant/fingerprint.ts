import { createHmac } from 'node:crypto'
import { grantKey, type GrantRef } from './grant.js'

/**
 * Makes the function that names grants in events: HMAC-SHA-256 of the grant's key under the client secret, shortened.
 * One grant has the same name in every process with that secret, and the name does not tell whose grant it is.
 */
export function fingerprintUnder ({ clientId, clientSecret }: {
  clientId: string
  clientSecret: string
}): (ref: GrantRef) => string {
  return (ref) => createHmac('sha256', clientSecret).update(grantKey(clientId, ref)).digest('base64url').slice(0, 16)
}

/** Names a client secret in records, so that a changed secret is noticed. The secret cannot be found from it. */
export function secretIdOf ({ clientId, clientSecret }: { clientId: string, clientSecret: string }): string {
  return createHmac('sha256', clientSecret).update(`client secret of ${clientId}`).digest('base64url').slice(0, 12)
}
