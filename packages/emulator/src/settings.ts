import { isIP } from 'node:net'
import { isChoice, listChoices } from './choice.js'
import type { GivenClock } from './clock.js'
import { requireKnown } from './known-names.js'
import { defaultAccessSeconds } from './model/token-pair.js'
import { defaultRules, ruleChoices, type TokenRules } from './model/token-rules.js'
import { pkceModes, type PkceMode } from './oauth/pkce.js'
import { EmulatorOptionError } from './option-error.js'
import type { Optional } from './optional.js'
import { defaultIdTokenSettings, type IdTokenSettings, readIdTokenSettings } from './sdk/id-token-settings.js'
import type { EmulatorSeed } from './seed/seed.js'
import { type IdStyle, idStyles } from './wire/id-style.js'

export const refusalStyles = ['envelope', 'rfc', 'bare'] as const
export const openerModes = ['keep', 'cut'] as const

/**
 * The form of the token endpoint's refusals: Miro's error envelope with 401 `oauthError`, RFC 6749 section 5.2 with 400
 * `invalid_grant` or 401 `invalid_client`, or the envelope's status without a body.
 */
export type RefusalStyle = typeof refusalStyles[number]

/**
 * Whether a window that opens the authorize page keeps its handle to it, or loses it, because the page is sent with
 * `Cross-Origin-Opener-Policy: same-origin`.
 */
export type OpenerMode = typeof openerModes[number]

/** The options that can be changed while the emulator runs. */
export interface EmulatorSwitches {
  /** What Miro leaves open about token pairs. A rule that is left out stays as it is; for the defaults see there. */
  rules?: Optional<TokenRules> | undefined
  /** The form of the token endpoint's refusals; default `'envelope'`. */
  refusals?: RefusalStyle | undefined
  /**
   * How ids are written in token answers; default `'text'`. With `'numbers'` the refresh answer also leaves out
   * `user_id`, as Miro's sample does.
   */
  ids?: IdStyle | undefined
  /** What becomes of PKCE, which Miro does not document; default `'ignore'`. */
  pkce?: PkceMode | undefined
  /** What becomes of the handle of a window that opens the authorize page; default `'keep'`. */
  authorizeOpener?: OpenerMode | undefined
  /** What Miro leaves open about id tokens of the Web SDK. A field that is left out stays as it is. */
  idToken?: Optional<IdTokenSettings> | undefined
  /** Credits per minute of each user of the app; default 100,000. */
  creditsPerMinute?: number | undefined
  /** The `expires_in` of new access tokens, in seconds; default 3599. A token stays valid for one second longer. */
  accessTokenSeconds?: number | undefined
}

/** The options of `createEmulator`. Every option has a default. */
export interface EmulatorOptions extends EmulatorSwitches {
  /** The port on loopback; 0, the default, takes any free one. */
  port?: number | undefined
  /**
   * The IP address to listen on in place of loopback, such as `0.0.0.0` in a container. Any caller that reaches it may
   * act as any user.
   */
  dangerouslyListenOn?: string | undefined
  /** The app's clock, in epoch milliseconds; default the machine's. */
  clock?: GivenClock | undefined
  /** The app, people, teams and boards at the start. */
  seed?: EmulatorSeed | undefined
}

/** The values of all switches. */
export interface Settings {
  readonly rules: Readonly<TokenRules>
  readonly refusals: RefusalStyle
  readonly ids: IdStyle
  readonly pkce: PkceMode
  readonly authorizeOpener: OpenerMode
  readonly idToken: Readonly<IdTokenSettings>
  readonly creditsPerMinute: number
  readonly accessTokenSeconds: number
}

const defaults: Settings = {
  rules: defaultRules,
  refusals: 'envelope',
  ids: 'text',
  pkce: 'ignore',
  authorizeOpener: 'keep',
  idToken: defaultIdTokenSettings,
  creditsPerMinute: 100_000,
  accessTokenSeconds: defaultAccessSeconds
}

/**
 * Checks the names of the options of `createEmulator`.
 *
 * @throws {EmulatorOptionError} naming one that is not known
 */
export function requireKnownOptions (options: EmulatorOptions): void {
  requireKnown('', options, { ...defaults, port: 0, dangerouslyListenOn: 0, clock: 0, seed: 0 } satisfies Record<keyof EmulatorOptions, unknown>)
}

/** The same for switches that are changed while the emulator runs. @throws {EmulatorOptionError} */
export function requireKnownSwitches (switches: EmulatorSwitches): void {
  requireKnown('', switches, defaults)
}

/**
 * Merges `switches` into the current settings.
 *
 * @throws {EmulatorOptionError} naming the option with an invalid value
 */
export function readSettings (switches: EmulatorSwitches, current: Settings = defaults): Settings {
  const { refusals = current.refusals, ids = current.ids, pkce = current.pkce } = switches
  const { authorizeOpener = current.authorizeOpener } = switches
  demandChoice('ids', ids, idStyles)
  demandChoice('refusals', refusals, refusalStyles)
  demandChoice('pkce', pkce, pkceModes)
  demandChoice('authorizeOpener', authorizeOpener, openerModes)
  const rules = readRules(switches.rules ?? {}, current.rules)
  const idToken = readIdTokenSettings(switches.idToken ?? {}, current.idToken)
  return { rules, refusals, ids, pkce, authorizeOpener, idToken, ...readNumbers(switches, current) }
}

function readNumbers (switches: EmulatorSwitches, current: Settings) {
  const { creditsPerMinute = current.creditsPerMinute, accessTokenSeconds = current.accessTokenSeconds } = switches
  for (const [name, value] of Object.entries({ creditsPerMinute, accessTokenSeconds })) {
    if (!Number.isInteger(value) || value < 1) throw new EmulatorOptionError(`${name} must be a positive integer`)
  }
  return { creditsPerMinute, accessTokenSeconds }
}

/** @throws {EmulatorOptionError} for an invalid port */
export function readPort ({ port = 0 }: EmulatorOptions): number {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new EmulatorOptionError('port must be an integer from 0 to 65535')
  }
  return port
}

/** @throws {EmulatorOptionError} for what is no IP address */
export function readAddress ({ dangerouslyListenOn: address }: EmulatorOptions): string | null {
  if (address !== undefined && isIP(address) === 0) throw new EmulatorOptionError('dangerouslyListenOn must be an IP address')
  return address ?? null
}

function readRules (given: Optional<TokenRules>, current: Readonly<TokenRules>): TokenRules {
  requireKnown('rules.', given, ruleChoices)
  const changes = Object.entries(given).filter(([, value]) => value !== undefined)
  const choicesOf = new Map<string, readonly string[]>(Object.entries(ruleChoices))
  for (const [name, value] of changes) demandChoice(`rules.${name}`, value, choicesOf.get(name) ?? [])
  return { ...current, ...Object.fromEntries(changes) }
}

function demandChoice (name: string, value: unknown, choices: readonly string[]): void {
  if (!isChoice(value, choices)) throw new EmulatorOptionError(`${name} must be ${listChoices(choices)}`)
}
