import { createHash } from 'node:crypto'
import type { CompactJWEHeaderParameters, DecryptOptions } from 'jose'
import { RecordError } from '../../errors.js'
import type { KeyRing, NamedKey } from './key-ring.js'

/** A fresh content key for each body: 96 random bits of nonce would not do for ever under one key. */
const alg = 'A256KW'
const enc = 'A256GCM'
/** Nothing else is accepted, whatever a body asks for, and nothing compressed. */
const accepted: DecryptOptions = {
  keyManagementAlgorithms: [alg],
  contentEncryptionAlgorithms: [enc],
  maxDecompressedLength: 0
}

/**
 * Encrypts a body for one record: a compact JWE, whose header names the key (`kid`) and the record it belongs to.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7516#section-7.1
 */
export async function seal (body: string, recordKey: string, { name, secret }: NamedKey): Promise<string> {
  // jose is loaded at its first use, and only what is used of it: all of it would take every start 60 ms.
  const { CompactEncrypt } = await import('jose/jwe/compact/encrypt')
  return new CompactEncrypt(Buffer.from(body))
    .setProtectedHeader({ alg, enc, kid: name, record: placeOf(recordKey) })
    .encrypt(secret)
}

/** @throws {RecordError} under a key that the ring lacks, by the name of that key; or changed, or of another record */
export async function unseal (sealed: string, recordKey: string, ring: KeyRing): Promise<string> {
  const { compactDecrypt } = await import('jose/jwe/compact/decrypt')
  try {
    if (!isCanonical(sealed)) throw new RecordError()
    const { plaintext } = await compactDecrypt(sealed, (header) => secretFor(header, recordKey, ring), accepted)
    return Buffer.from(plaintext).toString()
  } catch (error) {
    throw error instanceof RecordError ? error : new RecordError()
  }
}

/** The name of the key a body says it is under, unproved; `null` where it says none. */
export async function keyNameOf (body: string): Promise<string | null> {
  const { decodeProtectedHeader } = await import('jose/decode/protected_header')
  try {
    return decodeProtectedHeader(body).kid ?? null
  } catch {
    return null
  }
}

function secretFor ({ kid, record }: CompactJWEHeaderParameters, recordKey: string, ring: KeyRing): NamedKey['secret'] {
  const secret = kid === undefined ? undefined : ring.find(kid)
  // The name comes from the store: only the form of a name is shown.
  if (secret === undefined) throw new RecordError(kid !== undefined && /^[\w.-]{1,64}$/.test(kid) ? kid : null)
  if (record !== placeOf(recordKey)) throw new RecordError()
  return secret
}

/** Tells the record a body belongs to: moved to another, it must not be read. */
function placeOf (recordKey: string): string {
  return createHash('sha256').update(recordKey).digest('base64url')
}

/** Some texts differ and decode to the same bytes: one body, one text, so that every change is noticed. */
function isCanonical (sealed: string): boolean {
  return sealed.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
}
