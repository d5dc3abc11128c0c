import { randomBytes } from 'node:crypto'

// Codes and tokens open with the readable shard of Miro, {"miro.origin":"eu01"}, and are opaque after it.
const origin = Buffer.from('{"miro.origin":"eu01"}').toString('base64url')
const boardIdStart = Buffer.from('uXjV', 'base64url')

/** A fresh code, access token or refresh token: 20 random bytes in Miro's clothes. */
export function createOpaqueToken (): string {
  return `${origin}_${randomBytes(20).toString('base64url')}`
}

/** A fresh board id, eight bytes in padded base64url such as `uXjVOD6LSME=`. */
export function createBoardId (): string {
  return `${Buffer.concat([boardIdStart, randomBytes(5)]).toString('base64url')}=`
}

/**
 * The `n`-th id of a kind: 19 digits and beyond 2^53 on purpose, so that an app that reads ids as numbers breaks here
 * and not at a customer.
 */
export function toMiroId (kind: 'client' | 'user' | 'team' | 'organization' | 'picture' | 'item', n: number): string {
  const kinds = { client: 1n, user: 2n, team: 3n, organization: 4n, picture: 5n, item: 6n }
  return String(3458764500000000001n + kinds[kind] * 10_000_000_000n + BigInt(n) * 2n)
}
