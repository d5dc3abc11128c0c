import type { GrantRef, MiroAuth, MiroClient } from '@miro-oauth/core'
import type { RequireGrant } from './request/require-grant.js'

/** What the app can do with Miro outside of a request. */
export interface AppMiro {
  /** A `preHandler` that lets only requests with a grant pass; also `config: { miro: { required: true } }`. */
  requireGrant: RequireGrant
  /** A REST client for a grant, for jobs that have no request. */
  client: (ref: GrantRef) => MiroClient
  /** A REST client for each active grant of a user of the app (in sign-in mode: of a Miro user), newest first. */
  clientsOf: (appUserId: string) => Promise<Array<{ ref: GrantRef, client: MiroClient }>>
  /** The path to send a person to. `returnTo`: a path of the app; `teamId` preselects a team. */
  loginUrl: (options?: { returnTo?: string, teamId?: string }) => string
  /** The core: everything that needs no web framework. */
  auth: MiroAuth
}
