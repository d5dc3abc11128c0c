import type { GrantRef, MiroAuth } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { EventLog } from '../events/event-log.js'
import type { HookRunner } from '../events/hook-runner.js'
import type { CodeExchanges } from '../flow/code-exchanges.js'
import type { FlowCookies } from '../flow/flow-cookies.js'
import type { InstallCodes } from '../flow/install-codes.js'
import type { ResultCookie } from '../flow/result-cookie.js'
import type { SpentFlows } from '../flow/spent-flows.js'
import type { GrantNames } from '../grants/grant-names.js'
import type { LinkedGrants } from '../grants/linked-grants.js'
import type { Mode } from '../mode/mode.js'
import type { OAuth2Client } from '../oauth/oauth2-client.js'
import type { AppUrls } from '../app-urls.js'
import type { RunningWork } from '../running-work.js'
import type { Settings } from '../settings.js'

/** Handles a request to one of the plugin's routes. What it throws becomes the failure page. */
export type RouteHandler = (
  context: RouteContext, request: FastifyRequest, reply: FastifyReply
) => Promise<FastifyReply>

/** What the plugin's routes work with. */
export interface RouteContext {
  settings: Settings
  auth: MiroAuth
  events: EventLog
  oauth2: OAuth2Client
  flowCookies: FlowCookies
  spentFlows: SpentFlows
  codeExchanges: CodeExchanges
  /** The same for installs, which need no flow: many of them must not keep a sign-in waiting. */
  installExchanges: CodeExchanges
  installCodes: InstallCodes
  disconnects: RunningWork<GrantRef>
  resultCookie: ResultCookie
  mode: Mode
  linked: LinkedGrants
  names: GrantNames
  hooks: HookRunner
  loginUrl: AppUrls['loginUrl']
  connectUrl: AppUrls['connectUrl']
}
