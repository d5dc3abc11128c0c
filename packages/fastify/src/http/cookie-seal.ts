import { hkdfSync, subtle, type webcrypto } from 'node:crypto'

/** The option `cookieSecret` as a list: the first secret seals, all of them open. */
export type CookieSecrets = readonly [string, ...string[]]

/** What a sealed cookie held. */
export interface OpenedCookie {
  plain: string
  /** When it was sealed, in epoch milliseconds. */
  sealedAt: number
  /** The secret that it was sealed with. */
  secret: string
}

/**
 * Seals texts into cookie values and opens them again: an encrypted JWT with a key that is derived from the cookie
 * secret. The cookie's name and the time stand in the authenticated header, so that a value opens in no other cookie,
 * and at no other age. The header itself is left out of the value and built again, since every byte counts: see
 * `FlowCookies`.
 *
 * @see RFC 7516, section 3.1, and RFC 7518, sections 4.5 and 5.3
 */
export class CookieSeal {
  /** The secret that seals. */
  readonly secret: string
  readonly #sealing: SealKey
  readonly #all: readonly SealKey[]

  constructor ([first, ...others]: CookieSecrets) {
    this.secret = first
    this.#sealing = new SealKey(first)
    this.#all = [this.#sealing, ...others.map((secret) => new SealKey(secret))]
  }

  /** `<time>.<iv>.<ciphertext>.<tag>`. */
  async seal (cookieName: string, plain: string, sealedAt: number): Promise<string> {
    // jose is loaded at its first use, and only what is used of it: all of it would take every start 60 ms.
    const { CompactEncrypt } = await import('jose/jwe/compact/encrypt')
    const jwe = await new CompactEncrypt(new TextEncoder().encode(plain))
      .setProtectedHeader(headerFor(cookieName, sealedAt))
      .encrypt(await this.#sealing.imported())
    // Of header, encrypted key, iv, ciphertext and tag the first is known and the second empty (RFC 7516, section 7.1).
    return [toText(sealedAt), ...jwe.split('.').slice(2)].join('.')
  }

  /** `null`: the value is forged, truncated, from another cookie, or sealed under a secret that is no longer in use. */
  async open (cookieName: string, value: string): Promise<OpenedCookie | null> {
    const sealedAt = claimedTime(value)
    for (const key of this.#all) {
      const plain = await decrypt(await key.imported(), headerFor(cookieName, sealedAt), value.split('.').slice(1).join('.'))
      if (plain !== null) return { plain, sealedAt, secret: key.secret }
    }
    return null
  }
}

/** The key that is derived from a cookie secret. */
class SealKey {
  readonly secret: string
  #imported: Promise<webcrypto.CryptoKey> | undefined

  constructor (secret: string) {
    this.secret = secret
  }

  /**
   * Imports the key at its first use, since Node then loads what would take every start 4 ms. It does so once: jose
   * would do it for each value, which is more than half of the time that sealing takes.
   */
  imported (): Promise<webcrypto.CryptoKey> {
    this.#imported ??= importKey(this.secret)
    return this.#imported
  }
}

function importKey (secret: string): Promise<webcrypto.CryptoKey> {
  const bytes = hkdfSync('sha256', secret, '', 'miro-oauth flow cookie', 32)
  return subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

/** When a value says it was sealed, without opening it: it may be forged. 0: it does not say. */
export function claimedTime (value: string): number {
  const [time = ''] = value.split('.', 1)
  return /^[\da-z]{1,10}$/.test(time) ? Number.parseInt(time, 36) : 0
}

async function decrypt (key: webcrypto.CryptoKey, header: object, value: string): Promise<string | null> {
  const { compactDecrypt } = await import('jose/jwe/compact/decrypt')
  try {
    const { plaintext } = await compactDecrypt(`${Buffer.from(JSON.stringify(header)).toString('base64url')}..${value}`, key, {
      keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM']
    })
    return new TextDecoder().decode(plaintext)
  } catch {
    return null
  }
}

function headerFor (cookieName: string, sealedAt: number): { alg: 'dir', enc: 'A256GCM', cookie: string, time: string } {
  return { alg: 'dir', enc: 'A256GCM', cookie: cookieName, time: toText(sealedAt) }
}

function toText (time: number): string {
  return Math.max(0, Math.floor(time)).toString(36)
}
