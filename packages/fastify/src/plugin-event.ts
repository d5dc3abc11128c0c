import type { MiroEvent } from '@miro-oauth/core'

/**
 * Why a session ended: `replaced` by a new sign-in in the same browser, `ended` by its person from another browser or
 * by the app, pushed out by newer ones beyond the `limit`, found older than its limits (`expired`), or ended together
 * with its grant (`disconnected`).
 */
export type SessionEnd = 'replaced' | 'ended' | 'limit' | 'expired' | 'disconnected'

/** The same, or by a logout, which has an event of its own. */
export type SessionEnding = SessionEnd | 'logout'

/**
 * What the plugin itself tells, beside core's events. `session` is a salted fingerprint: the same for one session in
 * every process, and of no use to act as it. `requestId`: Fastify's id of the request that caused it; `null`: none did.
 */
export type PluginEvent = { requestId: string | null } & (
  /** A Miro user signed in, and a session began. `grant`: its fingerprint, as in core's events. */
  | { type: 'signed_in', session: string, grant: string }
  /** A person logged out. */
  | { type: 'signed_out', session: string }
  | { type: 'session_ended', session: string, why: SessionEnd }
  /** A session cookie that names no session: one that ended and was forgotten, or a made-up one. */
  | { type: 'session_unknown', session: string }
  /** A callback did not complete its flow, or an install of Miro's failed. `code`: the error's. */
  | { type: 'callback_refused', code: string, route: 'callback' | 'install' }
  /** A page of another site sent a request that changes something. `route`: ours, or `null` for a guarded one. */
  | { type: 'cross_site_refused', route: 'logout' | 'disconnect' | null }
)

/** Everything that the option `onEvent` receives. */
export type FastifyMiroEvent = MiroEvent | PluginEvent

/** An event of the plugin, less the request's id. */
export type PluginEventFields = PluginEvent extends infer E ? E extends PluginEvent ? Omit<E, 'requestId'> : never : never
