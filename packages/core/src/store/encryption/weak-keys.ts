import { documentedKeys } from './documented-keys.js'

/** Of 32 random bytes about 30 differ, and fewer than 17 once in some ten thousand billion keys. */
const fewestDistinct = 17

/** What tells that a key is not random, as the end of a sentence about it; `null`: nothing does. */
export function weaknessOf (key: Buffer): string | null {
  if (documentedKeys.includes(key.toString('base64url'))) return 'stands in the documentation, where it is public'
  if (new Set(key).size < fewestDistinct) return 'repeats itself'
  if (isCounting(key)) return 'counts'
  if (key.every(isPrintable)) return 'is text, such as a passphrase'
  return null
}

/** Whether every byte is as far from the one before it. */
function isCounting (key: Buffer): boolean {
  const steps = Array.from(key.subarray(1), (byte, index) => (byte - (key[index] ?? 0)) & 0xff)
  return new Set(steps).size === 1
}

function isPrintable (byte: number): boolean {
  return (byte >= 0x20 && byte <= 0x7e) || (byte >= 0x09 && byte <= 0x0d)
}
