import { ConfigError } from '@miro-oauth/core'
import { toReturnTo } from './flow/return-to.js'
import type { Settings } from './settings.js'

/** Where the plugin's routes are, for links of the app. */
export interface AppUrls {
  /**
   * The path of the login.
   *
   * @param options.returnTo a path of the app, or a URL on one of `returnToOrigins`; left out where login would not
   * return to it
   * @param options.teamId the team that Miro preselects
   * @throws {ConfigError} the plugin was registered with `routes: false`
   */
  loginUrl: (options?: { returnTo?: string | undefined, teamId?: string | undefined }) => string
  /**
   * The path of the window in which a panel's person connects.
   *
   * @param options.teamId the team of the board, which Miro preselects
   * @throws {ConfigError} the plugin was registered without `panel: true`, or with `routes: false`
   */
  connectUrl: (options?: { teamId?: string | undefined }) => string
}

/** Makes the {@link AppUrls} of a registration. */
export function createAppUrls (settings: Settings): AppUrls {
  const { paths, ownPaths: forbidden, origin, returnToOrigins: origins, hasRoutes, panel } = settings
  return {
    loginUrl ({ returnTo, teamId } = {}) {
      if (!hasRoutes) throw new ConfigError('There is no login route: the plugin was registered with routes: false.')
      // A page's own address may be longer than login returns to, and encoded once more longer than a server reads: the
      // person would meet a 431 and not the login.
      const isLeftOut = toReturnTo(returnTo, origin, { forbidden, origins }) === null
      return withQuery(paths.login, { returnTo: isLeftOut ? undefined : returnTo, team_id: teamId })
    },
    connectUrl ({ teamId } = {}) {
      if (!panel || !hasRoutes) throw new ConfigError('There is no connect route: the plugin was registered without panel: true, or with routes: false.')
      return withQuery(paths.connect, { team_id: teamId })
    }
  }
}

function withQuery (path: string, parameters: Record<string, string | undefined>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const query = new URLSearchParams(given).toString()
  return query === '' ? path : `${path}?${query}`
}
