import { hkdfSync } from 'node:crypto'
import type { CompactDecryptResult } from 'jose'
import { RecordError } from '../errors.js'
import type { GrantRef } from '../grant/grant.js'
import { isTokenPair } from '../grant/grant-body.js'
import type { TokenPair } from '../grant/token-pair.js'
import { isJsonObject } from '../wire/lossless-json.js'

/** A pair that Miro has still to revoke, and whose it is. */
export interface Revocation {
  ref: GrantRef
  pair: TokenPair
}

const format = 1
const alg = 'dir'
const enc = 'A256GCM'

/**
 * Seals revocations for the store: a JWE under a key that is derived from the client secret, which alone can use the
 * tokens in it. A reader of the store finds no token, with `encryptedStore` and without. The record's key stands in the
 * authenticated header, so that a body opens in no other record.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7518#section-4.5
 */
export class RevocationSeal {
  readonly #sealingKey: Uint8Array
  readonly #keys: readonly Uint8Array[]

  /** @param clientSecrets the first seals, all of them open */
  constructor ([first, ...others]: readonly [string, ...string[]]) {
    this.#sealingKey = toKey(first)
    this.#keys = [this.#sealingKey, ...others.map(toKey)]
  }

  async seal (record: string, { ref: { userId, teamId }, pair }: Revocation): Promise<string> {
    // jose is loaded at its first use, and only what is used of it: all of it would take every start 60 ms.
    const { CompactEncrypt } = await import('jose/jwe/compact/encrypt')
    const sealed = await new CompactEncrypt(Buffer.from(JSON.stringify({ userId, teamId, pair })))
      .setProtectedHeader({ alg, enc, record })
      .encrypt(this.#sealingKey)
    return JSON.stringify({ format, sealed })
  }

  /** @throws {RecordError} changed, of another record, of a newer version, or under another client secret */
  async open (record: string, body: string): Promise<Revocation> {
    try {
      const { format: written, sealed } = JSON.parse(body) as Record<string, unknown>
      if (written !== format) throw new RecordError()
      const { plaintext, protectedHeader } = await this.#decrypt(String(sealed))
      if (protectedHeader['record'] !== record) throw new RecordError()
      return toRevocation(JSON.parse(Buffer.from(plaintext).toString()))
    } catch {
      // The errors of both parsers may quote what they read.
      throw new RecordError()
    }
  }

  async #decrypt (sealed: string): Promise<CompactDecryptResult> {
    const { compactDecrypt } = await import('jose/jwe/compact/decrypt')
    const options = { keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: [enc], maxDecompressedLength: 0 }
    for (const key of this.#keys) {
      const opened = await compactDecrypt(sealed, key, options).catch(() => null)
      if (opened !== null) return opened
    }
    throw new RecordError()
  }
}

function toKey (clientSecret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', clientSecret, '', 'miro-oauth revocation', 32))
}

function toRevocation (value: unknown): Revocation {
  const { userId, teamId, pair } = isJsonObject(value) ? value : {}
  if (typeof userId !== 'string' || typeof teamId !== 'string' || !isTokenPair(pair)) throw new RecordError()
  return { ref: { userId, teamId }, pair }
}
