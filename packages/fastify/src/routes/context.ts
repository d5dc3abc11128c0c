import type { MiroAuth } from '@miro-oauth/core'
import type { Flows } from '../flow/flows.js'
import type { SpentFlows } from '../flow/spent-flows.js'
import type { HookRunner } from '../hooks.js'
import type { OAuth2Client } from '../oauth2-client.js'
import type { Settings } from '../settings.js'
import type { GrantFinder } from '../request/grant-finder.js'
import type { SessionCookie } from '../session/session-cookie.js'
import type { Sessions } from '../session/sessions.js'

/** What the plugin's routes work with. */
export interface RouteContext {
  settings: Settings
  auth: MiroAuth
  oauth2: OAuth2Client
  flows: Flows
  spentFlows: SpentFlows
  sessions: Sessions
  sessionCookie: SessionCookie
  findGrant: GrantFinder
  hooks: HookRunner
}
