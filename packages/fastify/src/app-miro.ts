import { ConfigError, type GrantRef, type MiroAuth, type MiroClient } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import type { EventLog } from './events/event-log.js'
import type { HookRunner } from './events/hook-runner.js'
import type { LinkedGrants } from './grants/linked-grants.js'
import type { Mode } from './mode/mode.js'
import type { RequestState } from './request/request-state.js'
import { createRequireGrant, type RequireGrant } from './request/require-grant.js'
import { createRequireSameOrigin, type RequireSameOrigin } from './request/require-same-origin.js'
import type { Settings } from './settings.js'

/** `app.miro`: what the app can do with Miro outside of a request. */
export interface AppMiro {
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
   * The path of the login.
   *
   * @param options.returnTo a path of the app, or a URL on one of `returnToOrigins`
   * @param options.teamId the team that Miro preselects
   *
   * @throws {ConfigError} the plugin was registered with `routes: false`
   */
  loginUrl: (options?: { returnTo?: string, teamId?: string }) => string
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
export function createAppMiro ({ settings, auth, mode, events, hooks, linked }: {
  settings: Settings
  auth: MiroAuth
  mode: Mode
  events: EventLog
  hooks: HookRunner
  linked: LinkedGrants
}, stateOf: (request: FastifyRequest) => RequestState): AppMiro {
  const loginUrl: AppMiro['loginUrl'] = ({ returnTo, teamId } = {}) => {
    if (!settings.hasRoutes) {
      throw new ConfigError('There is no login route: the plugin was registered with routes: false.')
    }
    const query = new URLSearchParams()
    if (returnTo !== undefined) query.set('returnTo', returnTo)
    if (teamId !== undefined) query.set('team_id', teamId)
    return query.size === 0 ? settings.paths.login : `${settings.paths.login}?${query.toString()}`
  }
  const requireSameOrigin = createRequireSameOrigin({ settings, events })
  return {
    requireGrant: createRequireGrant({ settings, requireSameOrigin, stateOf, loginUrl }),
    requireSameOrigin,
    client: (ref) => auth.client(ref),
    async clientsOf (appUserId) {
      const active = (await linked.all(appUserId)).filter(({ snapshot }) => snapshot.grant !== null)
      return active.map(({ ref, consentId }) => ({ ref, client: auth.client(ref, { consentId }) }))
    },
    loginUrl,
    endSessions: async (target) => mode.ownSessions().endOf(target),
    auth: withSessionsAndHooks(auth, { mode, hooks })
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
