import { hash } from 'node:crypto'
import { storeKey } from '@miro-oauth/core/internal'

/** How long a flow may take, in milliseconds: as long as Miro's authorization code lives. */
export const flowMs = 600_000

/**
 * How long a flow's cookie and records are kept: a late callback gets MIRO_CALLBACK_STATE_EXPIRED and not …_UNKNOWN.
 */
export const keepFlowMs = 2 * flowMs

/**
 * Where a flow ends: on a page of the app, whose absolute URL `toReturnTo` has allowed, or in the window of a panel,
 * for the team of its board where that is known.
 */
export type FlowEnd = { kind: 'page', url: string } | { kind: 'window', teamId: string | null }

/**
 * One sign-in between login and callback, kept in the browser that began it. Its `state` binds the callback to that
 * browser, which is the protection against CSRF.
 *
 * @see RFC 6749, section 10.12, and RFC 9700, section 4.7
 */
export interface Flow {
  /** 256 random bits. */
  state: string
  end: FlowEnd
  /** See {@link hashAppUserId}; `null` in sign-in mode. */
  appUserHash: string | null
  /** Of PKCE (RFC 7636), where the flow was begun with it. */
  codeVerifier: string | null
  /** Epoch milliseconds. */
  startedAt: number
}

/** What a flow's cookie holds. The cookie's name is the hash of its state. */
export interface SealedFlow {
  /** Epoch milliseconds. */
  startedAt: number
  /** See {@link hashAppUserId}; `null` in sign-in mode. */
  appUserHash: string | null
  /**
   * A path of the app, or a URL of another origin; in the window of a panel a team's id, empty where it is not known.
   * `null`: too long for a cookie, and kept in the store.
   */
  target: string | null
  /** Whether it ends in the window of a panel. */
  isWindow: boolean
  /** Whether it was begun with PKCE. */
  hasVerifier: boolean
}

/**
 * The key of a flow's record; `name` tells several of one flow apart. A store may be read by others, so it holds a hash
 * of the state.
 */
export function flowKey (clientId: string, state: string, ...name: string[]): string {
  return storeKey('flow', clientId, hash('sha256', state, 'base64url'), ...name)
}

/** Whether a flow was begun by this app user; `null` in sign-in mode. */
export function isStartedBy (flow: Flow, appUserId: string | null): boolean {
  return flow.appUserHash === hashAppUserId(appUserId)
}

/** A flow keeps 128 bits of a hash of the app user's id, since an id of any length must fit into a cookie. */
export function hashAppUserId (appUserId: string | null): string | null {
  return appUserId === null ? null : hash('sha256', appUserId, 'base64url').slice(0, 22)
}
