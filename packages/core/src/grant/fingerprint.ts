import { createHmac } from 'node:crypto'
import { grantKey, type GrantRef } from './grant.js'

/**
 * Makes the function that names grants in events: HMAC-SHA-256 of the grant's key under the client secret, shortened.
 * One grant has the same name in every process with that secret, and the name does not tell whose grant it is.
 */
export function fingerprintUnder ({ clientId, clientSecret }: { clientId: string, clientSecret: string }): (ref: GrantRef) => string {
  return (ref) => createHmac('sha256', clientSecret).update(grantKey(clientId, ref)).digest('base64url').slice(0, 16)
}
