import type { Grant, GrantRef, IdToken, MiroClient } from '@miro-oauth/core'
import type { SessionInfo, SignedInBrowser } from '../session/session-info.js'

/** What every request can do in Miro, as the person who sent it. Costs nothing until used. */
export interface RequestMiro extends MiroClient {
  /**
   * The grant that this request acts for, found once per request. `null`: there is none.
   *
   * It says what is stored: a grant that was ended at Miro is noticed when Miro refuses its token, in a call or, with
   * the option `recheckAfterMs`, in a guard. Right after a callback it waits for the names of user and team, at most
   * two seconds.
   *
   * @throws {ReauthorizeError} there is one, but Miro refused it
   * @throws {StoreError | RecordError}
   */
  grant: () => Promise<Grant | null>
  /**
   * Every active grant of the person who sent this request, newest first.
   *
   * @param options.ended also those that Miro ended, which their person can connect again. Default `false`
   * @throws {StoreError | RecordError}
   */
  grants: (options?: { ended?: boolean | undefined }) => Promise<Grant[]>
  /**
   * In sign-in mode: makes another grant of the same person the session's, from the next request on. The session gets a
   * new id, and the old one is dead at once.
   *
   * @throws {NotConnectedError} it is not theirs
   * @throws {ReauthorizeError | ScopeMissingError | StoreError | RecordError}
   * @throws {ConfigError} the app has users of its own: there the option `grant` chooses
   */
  select: (ref: GrantRef) => Promise<void>
  /**
   * The same client for another grant of the same person. Calls for one that is not theirs throw {@link
   * NotConnectedError}.
   */
  for: (ref: GrantRef) => MiroClient
  /**
   * In sign-in mode: the session that sent this request, to be looked at before a sensitive deed. `null`: none.
   *
   * @throws {StoreError | RecordError}
   * @throws {ConfigError} the app has sessions of its own
   */
  session: () => Promise<SessionInfo | null>
  /**
   * In sign-in mode: every browser in which the person who sent this request is signed in, the newest sign-in first.
   * Empty where no one is signed in.
   *
   * @throws {StoreError | RecordError}
   * @throws {ConfigError} the app has sessions of its own
   */
  sessions: () => Promise<SignedInBrowser[]>
  /**
   * In sign-in mode: ends one of these sessions, as a logout in that browser would. The grant stays.
   *
   * @param id of `sessions()`
   * @throws {SessionUnknownError} this person has no such session
   * @throws {NotConnectedError | StoreError | RecordError}
   * @throws {ConfigError} the app has sessions of its own
   */
  endSession: (id: string) => Promise<void>
  /**
   * In sign-in mode: ends all of these sessions but the one that sent this request. The grant stays.
   *
   * @returns how many sessions ended
   * @throws {NotConnectedError | StoreError | RecordError}
   * @throws {ConfigError} the app has sessions of its own
   */
  endOtherSessions: () => Promise<number>
  /**
   * On a route of a panel: who is at the board, by Miro's id token, whether or not there is a grant.
   *
   * @throws {IdTokenMissingError | IdTokenInvalidError | IdTokenExpiredError | IdTokenClientMismatchError}
   * @throws {ConfigError} the route has no `config: { miro: { panel: … } }`
   */
  panelUser: () => Promise<IdToken>
}
