import type { Connection, Disconnection, GrantRef, MiroError } from '@miro-oauth/core'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FlowOutcome } from '../flow/spent-flows.js'
import type { ConsentedGrant } from '../grants/consented-grant.js'
import type { RouteName } from '../options.js'
import type { Session } from '../session/session-record.js'
import type { OwnSessions } from './own-sessions.js'

/** The user of the app who sent a request. */
export interface AppUser {
  /** In sign-in mode: the Miro user id. */
  appUserId: string
  /** The grant of the session; `null` where the app has a login of its own. */
  session: ConsentedGrant | null
  /** The record of the session; `null` where the app has a login of its own. */
  sessionRecord: Session | null
}

/** A request, its answer, and the user who sent it. */
export interface SentBy {
  request: FastifyRequest
  reply: FastifyReply
  appUser: AppUser
}

/** A flow whose grant is stored, and the callback that completed it. */
export interface CompletedFlow {
  request: FastifyRequest
  reply: FastifyReply
  connection: Connection
  /** The app user who began the flow; `null` in sign-in mode. */
  appUserId: string | null
}

/**
 * Signs a user in without Miro and without a browser. Returns the session's cookies; none where the grant is linked
 * instead.
 */
export type TestSignIn = (connection: Connection, appUserId: string | null) => Promise<Record<string, string>>

/**
 * What differs between the two kinds of app: "Sign in with Miro", and "Connect Miro" to an account of the app's own.
 */
export interface Mode {
  /** The routes of this kind of app. */
  readonly routes: readonly RouteName[]
  /** What a person does in a flow, in words for them: "sign in with Miro". */
  readonly action: string
  /** The title of the page for a login or callback that failed. */
  readonly loginFailureTitle: string
  /** Adds to the host what this mode does with every answer. */
  addHooks: (app: FastifyInstance) => void
  /** The user who sent a request; `null` where none is signed in. @throws {StoreError | RecordError} */
  currentUser: (request: FastifyRequest) => Promise<AppUser | null>
  /**
   * Names the session, or where the app has a login of its own the user, that sent a request: the same for a second
   * click, also once the first has ended the session. `null`: there is neither.
   */
  senderOf: (request: FastifyRequest, appUser: AppUser | null) => string | null
  /** The error for a request that needs a signed-in user and has none. */
  notSignedIn: () => MiroError
  /**
   * The app user that a flow begins and ends with; `null` in sign-in mode, where the flow signs the user in.
   *
   * @throws {NoAppUserError}
   */
  flowUser: (request: FastifyRequest, at?: 'login' | 'callback') => Promise<string | null>
  /**
   * Completes a flow whose grant is stored: signs the Miro user in, or links the grant.
   *
   * @throws {StoreError | RecordError}
   */
  completeSignIn: (flow: CompletedFlow) => Promise<FlowOutcome>
  /** Does without a flow and a browser what `completeSignIn` does. @throws {ConfigError | StoreError | RecordError} */
  signInForTest: TestSignIn
  /** Whether a repeated callback comes from the browser that got the answer to the first one. */
  isSameBrowser: (request: FastifyRequest, outcome: FlowOutcome) => boolean
  /**
   * Ends the plugin's own session at its person's logout; does nothing where the app has a login of its own.
   *
   * @throws {StoreError | RecordError}
   */
  endSession: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
  /**
   * Ends the plugin's own sessions that act for a grant which its person has just disconnected, in this browser and in
   * all others; does nothing where the app has a login of its own.
   *
   * @throws {StoreError | RecordError}
   */
  endSessionsOf: (ref: GrantRef, by: SentBy) => Promise<void>
  /**
   * Ends what its person asked to disconnect: the grant, or where users of the app may share it, this one's part of it.
   *
   * @throws {StoreError | RecordError}
   */
  endGrant: (appUserId: string, grant: ConsentedGrant) => Promise<Disconnection>
  /**
   * Ends the grant that a person had from before, since the app does not admit them any more; where other users of the
   * app share it, this one's part of it alone.
   *
   * @param appUserId `null`: in an install that Miro started no app user is known
   * @throws {StoreError | RecordError}
   */
  endRefused: (appUserId: string | null, grant: Pick<ConsentedGrant, 'ref' | 'consentId'>) => Promise<Disconnection>
  /**
   * Ends the plugin's own sessions of a person, or those that act for a grant; does nothing where the app has a login
   * of its own.
   *
   * @throws {ConfigError | StoreError | RecordError}
   */
  forgetSessions: (target: GrantRef | string) => Promise<void>
  /** Makes another grant of the same user the session's. @throws {ConfigError} where the app has sessions of its own */
  select: (request: FastifyRequest, grant: ConsentedGrant) => Promise<void>
  /** The plugin's own sessions. @throws {ConfigError} where the app has sessions of its own */
  ownSessions: () => OwnSessions
}
