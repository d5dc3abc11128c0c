import { createSecretKey, type KeyObject } from 'node:crypto'
import { ConfigError } from '../../errors.js'
import { weaknessOf } from './weak-keys.js'

/** A key with the name that records carry to tell which one they need. */
export interface NamedKey {
  name: string
  secret: KeyObject
}

/** The keys of a store: the first encrypts, all decrypt. */
export interface KeyRing {
  first: NamedKey
  find: (name: string) => KeyObject | undefined
}

const howToMake = 'Make one with: node -p "\'k1:\' + crypto.randomBytes(32).toString(\'base64url\')"'

/**
 * Reads keys as they stand in an option or a variable: `name:key`, several as a list or with commas between them.
 *
 * @throws {ConfigError} which of them is wrong, by its place; never its value
 */
export function toKeyRing (keys: unknown): KeyRing {
  const [first, ...others] = textsOf(keys).map(toNamedKey)
  if (first === undefined) throw new ConfigError(`The option keys is missing. ${howToMake}`)
  const byName = new Map([[first.name, first.secret]])
  for (const { name, secret } of others) {
    if (byName.has(name)) throw new ConfigError('The option keys has two keys of one name.')
    if (Array.from(byName.values()).some((other) => other.equals(secret))) throw new ConfigError('The option keys has one key twice.')
    byName.set(name, secret)
  }
  return { first, find: (name) => byName.get(name) }
}

function textsOf (keys: unknown): string[] {
  if (keys === undefined || keys === '') return []
  const texts: unknown[] = Array.isArray(keys) ? keys : [keys]
  return texts.flatMap((text, index) => {
    if (typeof text === 'string') return text.split(',')
    throw new ConfigError(`The option keys must hold texts, and number ${index + 1} is none.`)
  })
}

/** `name:key`; 43 characters of base64url or base64 are 32 bytes. */
const form = /^([\w.-]{1,64}):([\w-]{43}|[A-Za-z\d+/]{43})=?$/

function toNamedKey (text: string, index: number): NamedKey {
  const [, name, encoded] = form.exec(text.trim()) ?? []
  if (name === undefined || encoded === undefined) {
    throw new ConfigError(`The option keys: number ${index + 1} is not a name (letters, digits, dots, dashes), a colon and 32 bytes in base64url. ${howToMake}`)
  }
  const bytes = Buffer.from(encoded, 'base64')
  const weakness = weaknessOf(bytes)
  if (weakness !== null) throw new ConfigError(`The option keys: number ${index + 1} ${weakness}. ${howToMake}`)
  return { name, secret: createSecretKey(bytes) }
}
