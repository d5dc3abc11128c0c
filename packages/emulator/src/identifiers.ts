import { randomBytes } from 'node:crypto'

// Miro's codes and tokens begin with a readable prefix, {"miro.origin":"eu01"}; the rest is opaque.
const origin = Buffer.from('{"miro.origin":"eu01"}').toString('base64url')
const boardIdStart = Buffer.from('uXjV', 'base64url')

/** A fresh code, access token or refresh token: 20 random bytes behind Miro's prefix. */
export function createOpaqueToken (): string {
  return `${origin}_${randomBytes(20).toString('base64url')}`
}

/** A fresh board id, eight bytes in padded base64url such as `uXjVOD6LSME=`. */
export function createBoardId (): string {
  return `${Buffer.concat([boardIdStart, randomBytes(5)]).toString('base64url')}=`
}

const kinds = {
  client: 1n,
  user: 2n,
  team: 3n,
  organization: 4n,
  picture: 5n,
  item: 6n,
  connector: 7n,
  tag: 8n,
  group: 9n,
  resource: 10n
}

export type IdKind = keyof typeof kinds

/**
 * The `n`-th id of a kind: 19 digits, beyond 2^53 like Miro's, so that an app that reads ids as numbers fails in its
 * tests.
 */
export function toMiroId (kind: IdKind, n: number): string {
  return String(3458764500000000001n + kinds[kind] * 10_000_000_000n + BigInt(n) * 2n)
}
