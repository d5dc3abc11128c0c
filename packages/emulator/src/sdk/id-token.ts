import { createHmac } from 'node:crypto'
import type { Directory, Person } from '../seed/directory.js'
import type { RegisteredApp } from '../seed/seed.js'
import { toStyledId } from '../wire/id-style.js'
import { type JsonObject, toJsonText } from '../wire/json-text.js'
import type { IdTokenSettings } from './id-token-settings.js'
import { EmulatorMembershipError } from '../seed/membership-error.js'

/**
 * An id token of the Web SDK, as `miro.board.getIdToken()` returns it, by Miro's clock and the switch `idToken`.
 *
 * @throws {EmulatorMembershipError} the user is not a member of the team, or one of the two does not exist
 */
export function issueIdToken (person: Person, { app, directory, settings, now }: {
  app: RegisteredApp
  directory: Directory
  settings: Readonly<IdTokenSettings>
  now: number
}): string {
  if (directory.membership(person.userId, person.teamId) === undefined) throw new EmulatorMembershipError()
  return sign(toClaims(person, { clientId: app.clientId, settings, now }), app.clientSecret)
}

/**
 * Miro documents no further claims: no audience, no token id and no board.
 *
 * @see https://developers.miro.com/docs/gettoken-migration-guide
 */
function toClaims ({ userId, teamId }: Person, { clientId, settings, now }: {
  clientId: string
  settings: Readonly<IdTokenSettings>
  now: number
}): JsonObject {
  const { lifetimeSeconds, ids, issuer } = settings
  const issuedAtSeconds = Math.floor(now / 1_000)
  return {
    sub: clientId,
    ...(issuer !== null && { iss: issuer }),
    user: toStyledId(userId, ids),
    team: toStyledId(teamId, ids),
    iat: issuedAtSeconds,
    exp: issuedAtSeconds + lifetimeSeconds
  }
}

/**
 * The key is the UTF-8 of the client secret. Miro says of the id token that the secret signs it, and names HMAC256 for
 * the token of its board picker alone.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-3.1
 */
function sign (claims: JsonObject, secret: string): string {
  const input = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) => toBase64Url(toJsonText(part))).join('.')
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

function toBase64Url (text: string): string {
  return Buffer.from(text).toString('base64url')
}
