import type { ReauthorizeReason } from '../errors.js'
import type { Grant } from './grant.js'
import type { GrantSnapshot } from './snapshot.js'

/** How one grant of a user of the app stands, for a page that shows it. */
export interface GrantStatus {
  /** The grant, also one that Miro refused. */
  grant: Grant
  /** `needs_reauthorization`: Miro refuses it, and `reason` says why. Missing scopes do not count here. */
  state: 'connected' | 'needs_reauthorization'
  /** Why the person must connect again; `null`: they need not. */
  reason: ReauthorizeReason | null
  /** The required scopes that were not granted. */
  missingScopes: string[]
}

/** `null`: there is no grant any more. */
export function toGrantStatus (
  { grant: active, ended, reauthorize }: GrantSnapshot, requiredScopes: readonly string[]
): GrantStatus | null {
  const grant = active ?? ended
  if (grant === null) return null
  const missingScopes = requiredScopes.filter((scope) => !grant.scopes.includes(scope))
  const reason = reauthorize?.reason ?? null
  return { grant, state: reason === null ? 'connected' : 'needs_reauthorization', reason, missingScopes }
}
