import { hkdfSync } from 'node:crypto'
import { CompactEncrypt, compactDecrypt } from 'jose'
import type { SealedFlow } from './flow.js'

/** The option `cookieSecret` as a list: the first secret seals, all of them open. */
export type CookieSecrets = readonly [string, ...string[]]

/**
 * Seals flows into cookie values and opens them again: an encrypted JWT with a key that is derived from the cookie
 * secret. The cookie's name stands in the authenticated header, so that a value opens in no other cookie. The header
 * itself is left out of the value and built again from the name, since every byte counts: see `FlowCookies`.
 *
 * @see RFC 7516, section 3.1, and RFC 7518, sections 4.5 and 5.3
 */
export class FlowSeal {
  readonly #sealingKey: Uint8Array
  readonly #keys: readonly Uint8Array[]

  constructor ([first, ...others]: CookieSecrets) {
    this.#sealingKey = toKey(first)
    this.#keys = [this.#sealingKey, ...others.map(toKey)]
  }

  async seal (cookieName: string, { startedAt, appUserHash, target }: SealedFlow): Promise<string> {
    const jwe = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify([startedAt, appUserHash, target])))
      .setProtectedHeader(headerFor(cookieName))
      .encrypt(this.#sealingKey)
    // Of header, encrypted key, iv, ciphertext and tag the first is known and the second empty (RFC 7516, section 7.1).
    return jwe.split('.').slice(2).join('.')
  }

  /** `null`: the value is forged, truncated, from another cookie, or sealed under a secret that is no longer in use. */
  async open (cookieName: string, value: string): Promise<SealedFlow | null> {
    for (const key of this.#keys) {
      const flow = await openWith(key, cookieName, value)
      if (flow !== null) return flow
    }
    return null
  }
}

async function openWith (key: Uint8Array, cookieName: string, value: string): Promise<SealedFlow | null> {
  const header = Buffer.from(JSON.stringify(headerFor(cookieName))).toString('base64url')
  try {
    const { plaintext } = await compactDecrypt(`${header}..${value}`, key, {
      keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM']
    })
    return parseFlow(JSON.parse(new TextDecoder().decode(plaintext)))
  } catch {
    return null
  }
}

function headerFor (cookieName: string): { alg: 'dir', enc: 'A256GCM', cookie: string } {
  return { alg: 'dir', enc: 'A256GCM', cookie: cookieName }
}

function parseFlow (value: unknown): SealedFlow | null {
  if (!Array.isArray(value)) return null
  const [startedAt, appUserHash, target]: unknown[] = value
  if (typeof startedAt !== 'number' || !isTextOrNull(appUserHash) || !isTextOrNull(target)) return null
  return { startedAt, appUserHash, target }
}

function isTextOrNull (value: unknown): value is string | null {
  return value === null || typeof value === 'string'
}

function toKey (secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'miro-oauth flow cookie', 32))
}
