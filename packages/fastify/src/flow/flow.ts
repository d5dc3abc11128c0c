import { hash } from 'node:crypto'

/** How long a flow may take, in milliseconds: as long as Miro's authorization code lives. */
export const flowMs = 600_000

/**
 * One sign-in between login and callback, kept in the browser that began it. Its `state` binds the callback to that
 * browser, which is the protection against CSRF.
 *
 * @see RFC 6749, section 10.12, and RFC 9700, section 4.7
 */
export interface Flow {
  /** 256 random bits. */
  state: string
  /** An absolute URL that `toReturnTo` has allowed. */
  returnTo: string
  /** See {@link hashAppUserId}; `null` in sign-in mode. */
  appUserHash: string | null
  /** Epoch milliseconds. */
  startedAt: number
}

/** Whether a flow was begun by this app user; `null` in sign-in mode. */
export function isStartedBy (flow: Flow, appUserId: string | null): boolean {
  return flow.appUserHash === hashAppUserId(appUserId)
}

/** A flow keeps a hash of the app user's id, since an id of any length must fit into a cookie. */
export function hashAppUserId (appUserId: string | null): string | null {
  return appUserId === null ? null : hash('sha256', appUserId, 'base64url')
}

/** Whether an opened cookie holds a {@link Flow}. */
export function isFlow (value: unknown): value is Flow {
  return typeof value === 'object' && value !== null &&
    'state' in value && typeof value.state === 'string' &&
    'returnTo' in value && typeof value.returnTo === 'string' &&
    'appUserHash' in value && (value.appUserHash === null || typeof value.appUserHash === 'string') &&
    'startedAt' in value && typeof value.startedAt === 'number'
}
