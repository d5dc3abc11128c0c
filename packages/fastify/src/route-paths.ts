import type { Checked } from './option-checks.js'
import type { routeOptions } from './option-table.js'
import type { RouteName } from './options.js'

/** What paths follow from. */
interface PathOptions {
  /** The option `routes`, where it is not `false`. */
  routes: Partial<Checked<typeof routeOptions>>
  /** The prefix of the scope, without a slash at its end. */
  prefix: string
  decorator: string
  /** The path of the redirect URI. */
  callback: string
  panel: boolean
}

/** The paths of the plugin's routes. */
export interface RoutePaths {
  /** Absolute paths, as a browser asks for them. */
  paths: Record<RouteName, string>
  /** The paths of those routes that there are: a browser that was sent there after a login would go in circles. */
  ownPaths: readonly string[]
  /** Whether there is a route for installs that Miro starts. */
  hasInstall: boolean
}

export function toRoutePaths ({ routes, prefix, decorator, callback, panel }: PathOptions): RoutePaths {
  const pathOf = (name: keyof PathOptions['routes'], file: string = name): string => {
    return prefix + (routes[name] ?? `/auth/${decorator}/${file}`)
  }
  const always = { login: pathOf('login'), callback, logout: pathOf('logout'), disconnect: pathOf('disconnect') }
  const connect = pathOf('connect')
  const panelScript = pathOf('panelScript', 'panel.js')
  const forPanel = { connect, connectStatus: `${connect}/status`, connectDone: `${connect}/done`, panelScript }
  const install = pathOf('install')
  const hasInstall = routes.install !== undefined
  return {
    paths: { ...always, ...forPanel, install },
    ownPaths: [...Object.values(always), ...panel ? Object.values(forPanel) : [], ...hasInstall ? [install] : []],
    hasInstall
  }
}
