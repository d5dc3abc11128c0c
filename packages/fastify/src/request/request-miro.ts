import type { Grant, GrantRef, MiroClient } from '@miro-oauth/core'

/** What every request can do in Miro, as the person who sent it. Costs nothing until used. */
export interface RequestMiro extends MiroClient {
  /**
   * The grant that this request acts for, found once per request. `null`: there is none.
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
  grants: (options?: { ended?: boolean }) => Promise<Grant[]>
  /**
   * In sign-in mode: makes another grant of the same person the session's, from the next request on.
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
}
