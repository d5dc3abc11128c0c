import { isChoice, listChoices } from '../choice.js'
import { requireKnown } from '../known-names.js'
import { EmulatorOptionError } from '../option-error.js'
import type { Optional } from '../optional.js'
import { type IdStyle, idStyles } from '../wire/id-style.js'

/** What Miro leaves open about id tokens of the Web SDK. */
export interface IdTokenSettings {
  /** From `iat` to `exp`, in seconds; default 300. */
  lifetimeSeconds: number
  /** How `user` and `team` are written; default `'text'`. */
  ids: IdStyle
  /** The claim `iss`, which Miro describes ambiguously; default `'miro'`. Null leaves the claim out. */
  issuer: string | null
}

export const defaultIdTokenSettings: Readonly<IdTokenSettings> = { lifetimeSeconds: 300, ids: 'text', issuer: 'miro' }

/**
 * Merges the given fields into the current ones.
 *
 * @throws {EmulatorOptionError} naming the field with an invalid value
 */
export function readIdTokenSettings (
  given: Optional<IdTokenSettings>, current: Readonly<IdTokenSettings>
): IdTokenSettings {
  requireKnown('idToken.', given, defaultIdTokenSettings)
  const { lifetimeSeconds = current.lifetimeSeconds, ids = current.ids, issuer = current.issuer } = given
  demand(Number.isInteger(lifetimeSeconds) && lifetimeSeconds >= 1, 'idToken.lifetimeSeconds must be a positive integer')
  demand(isChoice(ids, idStyles), `idToken.ids must be ${listChoices(idStyles)}`)
  const isText = typeof issuer === 'string' && issuer !== ''
  demand(issuer === null || isText, 'idToken.issuer must be a text that is not empty, or null')
  return { lifetimeSeconds, ids, issuer }
}

function demand (condition: boolean, message: string): void {
  if (!condition) throw new EmulatorOptionError(message)
}
