import type { GrantRef, IdToken } from '@miro-oauth/core'
import type { ConsentedGrant } from '../grants/consented-grant.js'
import type { OwnSessions } from '../mode/own-sessions.js'
import type { Session } from '../session/session-record.js'

/** Who sent a request, and which grants are theirs. Each member throws `StoreError` and `RecordError` too. */
export interface Sender {
  /** The grant that the request acts for, whether or not Miro still accepts it. `null`: there is none. */
  current: () => Promise<ConsentedGrant | null>
  /** Every grant of the sender, newest first. */
  all: () => Promise<ConsentedGrant[]>
  /** One of these. `null`: it is not theirs. Throws the error of a request without a signed-in user. */
  find: (ref: GrantRef) => Promise<ConsentedGrant | null>
  /** Throws the error of a request without a signed-in user. */
  require: () => Promise<void>
  /** The person at the board. @throws {ConfigError} the request is no panel's */
  panelUser: () => Promise<IdToken>
  /** The plugin's own session; `null`: none. @throws {ConfigError} the app has sessions of its own, or a panel asks */
  session: () => Promise<Session | null>
  /** The same. @throws {NotConnectedError} there is none */
  requireSession: () => Promise<Session>
  /** What can be done with the plugin's own sessions. @throws {ConfigError} as above */
  ownSessions: () => OwnSessions
  /** Makes another grant the session's. @throws {ConfigError} as above */
  select: (grant: ConsentedGrant) => Promise<void>
}
