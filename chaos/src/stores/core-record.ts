import { createHash } from 'node:crypto'
import { refreshTokenIn } from './refresh-token.js'

/** What the store holds for one person. */
export type StoredGrant =
  /** `isLeased`: a process is refreshing it, or ended while it did. */
  | { state: 'active', refreshToken: string, isLeased: boolean }
  /** A tombstone that a refusal left behind, with the hash of the refresh token that Miro refused. */
  | { state: 'rejected', refreshTokenHash: string }
  | { state: 'disconnected' }
  | { state: 'absent' }

interface CoreRecord {
  status: string
  /** Of an active grant only. */
  refresh?: { lease: object | null }
  /** Of a tombstone only. */
  refreshTokenHash?: string
}

/** Reads the body of core's grant record. Its field names occur in this file and nowhere else in the package. */
export function parseCoreRecord (body: string): StoredGrant {
  const { status, refresh, refreshTokenHash } = JSON.parse(body) as CoreRecord
  switch (status) {
    case 'active': return { state: 'active', refreshToken: refreshTokenIn(body) ?? '', isLeased: refresh?.lease != null }
    case 'rejected': return { state: 'rejected', refreshTokenHash: String(refreshTokenHash) }
    default: return { state: 'disconnected' }
  }
}

/** Removes the lease from the body of core's grant record, so that its reader takes the grant for free to refresh. */
export function withoutLease (body: string): string {
  return body.replace(/"lease":\{[^}]*\}/, '"lease":null')
}

/** The hash by which core's tombstones name a refresh token. */
export function hashRefreshToken (refreshToken: string): string {
  return createHash('sha256').update(refreshToken).digest('base64url')
}
