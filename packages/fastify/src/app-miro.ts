import type { GrantRef, MiroAuth, MiroClient } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import type { EventLog } from './events/event-log.js'
import type { HookRunner } from './events/hook-runner.js'
import type { LinkedGrants } from './grants/linked-grants.js'
import type { Mode } from './mode/mode.js'
import type { AppUrls } from './app-urls.js'
import type { PanelGuard } from './panel/panel-guard.js'
import type { RequestState } from './request/request-state.js'
import type { RouteRules } from './request/route-rule.js'
import { createRequireGrant, type RequireGrant } from './request/require-grant.js'
import { createRequireSameOrigin, type RequireSameOrigin } from './request/require-same-origin.js'
import type { Settings } from './settings.js'

/** `app.miro`: what the app can do with Miro outside of a request. */
export interface AppMiro extends AppUrls {
  /** A `preHandler` that lets only requests with a grant pass; the same as `config: { miro: { required: true } }`. */
  requireGrant: RequireGrant
  /**
   * A hook for routes without the guard: refuses a POST, PUT, PATCH or DELETE that a page of another site sends
   * (`MIRO_CROSS_SITE`, 403). `requireGrant` does so itself.
   */
  requireSameOrigin: RequireSameOrigin
  /** A REST client for a grant, for jobs that have no request. Costs nothing until used. */
  client: (ref: GrantRef) => MiroClient
  /**
   * A REST client for each active grant of a user of the app (in sign-in mode: of a Miro user), newest first. A client
   * ends with its grant: after a disconnect it stays dead, also when the same Miro user connects again.
   *
   * @throws {StoreError | RecordError}
   */
  clientsOf: (appUserId: string) => Promise<Array<{ ref: GrantRef, client: MiroClient }>>
  /**
   * In sign-in mode, for an administrator: ends the sessions that act for a grant, or all those of a person, by the
   * Miro user id. The grants stay: `auth.disconnect` ends those.
   *
   * @returns how many sessions ended
   * @throws {ConfigError} `target` names neither a grant nor a person; the app has sessions of its own
   * @throws {StoreError | RecordError}
   */
  endSessions: (target: GrantRef | string) => Promise<number>
  /** The core: everything that needs no web framework. */
  auth: MiroAuth
}

/** Makes the {@link AppMiro} of a registration. */
export function createAppMiro ({ settings, urls, rules, panelGuard, auth, mode, events, hooks, linked }: {
  settings: Settings
  urls: AppUrls
  rules: RouteRules
  panelGuard: PanelGuard | null
  auth: MiroAuth
  mode: Mode
  events: EventLog
  hooks: HookRunner
  linked: LinkedGrants
}, stateOf: (request: FastifyRequest) => RequestState): AppMiro {
  const requireSameOrigin = createRequireSameOrigin({ settings, events })
  const requireGrant = createRequireGrant({ settings, requireSameOrigin, stateOf, loginUrl: urls.loginUrl })
  return {
    ...urls,
    requireGrant: guardOf(requireGrant, { rules, panelGuard }),
    requireSameOrigin,
    client: (ref) => auth.client(ref),
    async clientsOf (appUserId) {
      const active = (await linked.all(appUserId)).filter(({ snapshot }) => snapshot.grant !== null)
      return active.map(({ ref, consentId }) => ({ ref, client: auth.client(ref, { consentId }) }))
    },
    endSessions: async (target) => mode.ownSessions().endOf(target),
    auth: withSessionsAndHooks(auth, { mode, hooks })
  }
}

/** The guard of routes; on a route of a panel, the panels' own, which asks for a grant too. */
function guardOf (requireGrant: RequireGrant, { rules, panelGuard }: {
  rules: RouteRules
  panelGuard: PanelGuard | null
}): RequireGrant {
  if (panelGuard === null) return requireGrant
  return async (request, reply) => {
    const isPanel = rules.of(request).panel !== false
    return isPanel ? panelGuard(request as FastifyRequest, reply, { required: true }) : requireGrant(request, reply)
  }
}

/** Core, whose ends of grants tell the app's hook, and end the plugin's own sessions where a person is forgotten. */
function withSessionsAndHooks (auth: MiroAuth, { mode, hooks }: { mode: Mode, hooks: HookRunner }): MiroAuth {
  return {
    ...auth,
    async disconnect (ref, conditions) {
      const { ended, revoked } = await auth.disconnect(ref, conditions)
      const { userId, teamId } = ref
      if (ended) await hooks.run('onDisconnected', { request: null, ref: { userId, teamId }, ended, revoked })
      return { ended, revoked }
    },
    // Tokens first: they must not live on since a session cannot be read.
    async forget (appUserId) {
      const forgotten = await auth.forget(appUserId)
      await mode.forgetSessions(appUserId)
      return forgotten
    },
    async forgetGrant (ref) {
      const forgotten = await auth.forgetGrant(ref)
      await mode.forgetSessions(ref)
      return forgotten
    }
  }
}
