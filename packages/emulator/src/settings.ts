import { isChoice, listChoices } from './choice.js'
import type { GivenClock } from './clock.js'
import { defaultAccessSeconds } from './model/token-pair.js'
import { defaultRules, ruleChoices, type TokenRules } from './model/token-rules.js'
import { EmulatorOptionError } from './option-error.js'
import type { EmulatorSeed } from './seed/seed.js'

export const idStyles = ['text', 'numbers'] as const
export const refusalStyles = ['envelope', 'rfc', 'bare'] as const

/** How ids are written in token answers: as text, or as the bare 64-bit numbers of one of Miro's samples. */
export type IdStyle = typeof idStyles[number]

/**
 * What the token endpoint says when it refuses: Miro's error envelope with 401 `oauthError`, RFC 6749 section 5.2 with
 * 400 `invalid_grant` or 401 `invalid_client`, or the envelope's status without a body.
 */
export type RefusalStyle = typeof refusalStyles[number]

/** What may be changed while the emulator runs. */
export interface EmulatorSwitches {
  /** What Miro leaves open about token pairs; see there for the defaults. A rule that is left out stays as it is. */
  rules?: Partial<TokenRules>
  /** The body of a refusal of the token endpoint; default `'envelope'`. */
  refusals?: RefusalStyle
  /** Default `'text'`. With `'numbers'` the refresh answer also leaves out `user_id`, as Miro's sample does. */
  ids?: IdStyle
  /** Credits per minute of each user of the app; default 100,000. */
  creditsPerMinute?: number
  /** What `expires_in` says of new access tokens, in seconds; default 3599. A token lives one second longer. */
  accessTokenSeconds?: number
}

/** Everything `createEmulator` takes; every option has a default. */
export interface EmulatorOptions extends EmulatorSwitches {
  /** The port on loopback; 0, the default, takes any free one. */
  port?: number
  /** The app's time in epoch milliseconds; default the machine's. */
  clock?: GivenClock
  /** The app, people, teams and boards at the start. */
  seed?: EmulatorSeed
}

/** The switches, checked and complete. */
export interface Settings {
  readonly rules: Readonly<TokenRules>
  readonly refusals: RefusalStyle
  readonly ids: IdStyle
  readonly creditsPerMinute: number
  readonly accessTokenSeconds: number
}

const defaults: Settings = {
  rules: defaultRules, refusals: 'envelope', ids: 'text', creditsPerMinute: 100_000, accessTokenSeconds: defaultAccessSeconds
}

/**
 * The settings with `switches` laid over them.
 *
 * @throws {EmulatorOptionError} naming the option that cannot work
 */
export function readSettings (switches: EmulatorSwitches, current: Settings = defaults): Settings {
  const { rules = {}, refusals = current.refusals, ids = current.ids, creditsPerMinute = current.creditsPerMinute } = switches
  const { accessTokenSeconds = current.accessTokenSeconds } = switches
  if (!isChoice(ids, idStyles)) throw new EmulatorOptionError(`ids must be ${listChoices(idStyles)}`)
  if (!isChoice(refusals, refusalStyles)) throw new EmulatorOptionError(`refusals must be ${listChoices(refusalStyles)}`)
  for (const [name, value] of Object.entries({ creditsPerMinute, accessTokenSeconds })) {
    if (!Number.isInteger(value) || value < 1) throw new EmulatorOptionError(`${name} must be a positive integer`)
  }
  return { rules: readRules(rules, current.rules), refusals, ids, creditsPerMinute, accessTokenSeconds }
}

/** @throws {EmulatorOptionError} if it is no port */
export function readPort ({ port = 0 }: EmulatorOptions): number {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new EmulatorOptionError('port must be an integer from 0 to 65535')
  }
  return port
}

function readRules (given: Partial<TokenRules>, current: Readonly<TokenRules>): TokenRules {
  const said = Object.entries(given).filter(([, value]) => value !== undefined)
  const choices = new Map<string, readonly string[]>(Object.entries(ruleChoices))
  for (const [name, value] of said) {
    const words = choices.get(name)
    if (words === undefined) throw new EmulatorOptionError(`rules has no rule ${name}`)
    if (!isChoice(value, words)) throw new EmulatorOptionError(`rules.${name} must be ${listChoices(words)}`)
  }
  return { ...current, ...Object.fromEntries(said) }
}
