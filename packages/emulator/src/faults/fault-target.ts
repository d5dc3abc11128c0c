import { authorizePaths } from '../oauth/authorize-request.js'
import { isOwnPage } from '../wire/request-log.js'
import type { FaultTarget } from './fault-options.js'

const paths = {
  token: ['/v1/oauth/token'],
  revoke: ['/v1/oauth/revoke', '/v2/oauth/revoke'],
  authorize: authorizePaths
} as const

/** Whether a fault applies to a path, given without its query. To an own page of the emulator only by its path. */
export function isTarget (path: string, on: FaultTarget | undefined): boolean {
  if (on === undefined) return !isOwnPage(path)
  if (on === 'api') return /^\/v\d/.test(path) && !isOneOf(paths.token, path) && !isOneOf(paths.revoke, path)
  if (on === 'token' || on === 'revoke' || on === 'authorize') return isOneOf(paths[on], path)
  return on === path
}

function isOneOf (list: readonly string[], path: string): boolean {
  return list.includes(path)
}
