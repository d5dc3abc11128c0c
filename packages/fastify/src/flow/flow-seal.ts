import { hkdfSync } from 'node:crypto'
import { CompactEncrypt, compactDecrypt } from 'jose'
import { isFlow, type Flow } from './flow.js'

/** The option `cookieSecret` as a list: the first secret seals, all of them open. */
export type CookieSecrets = readonly [string, ...string[]]

/**
 * Seals flows into cookie values and opens them again: a JWE with a key that is derived from the cookie
 * secret. The cookie's name stands in the authenticated header, so that a value opens in no other cookie.
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

  async seal (cookieName: string, flow: Flow): Promise<string> {
    return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(flow)))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', cookie: cookieName })
      .encrypt(this.#sealingKey)
  }

  /** `null`: the value is forged, truncated, from another cookie, or sealed under a secret that is no longer in use. */
  async open (cookieName: string, value: string): Promise<Flow | null> {
    for (const key of this.#keys) {
      const flow = await openWith(key, cookieName, value)
      if (flow !== null) return flow
    }
    return null
  }
}

async function openWith (key: Uint8Array, cookieName: string, value: string): Promise<Flow | null> {
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(value, key, {
      keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM']
    })
    if (protectedHeader['cookie'] !== cookieName) return null
    const flow: unknown = JSON.parse(new TextDecoder().decode(plaintext))
    return isFlow(flow) ? flow : null
  } catch {
    return null
  }
}

function toKey (secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'miro-oauth flow cookie', 32))
}
