import { isOwnPage } from '../wire/request-log.js'
import type { FaultTarget } from './fault-options.js'

const paths = {
  token: ['/v1/oauth/token'],
  revoke: ['/v1/oauth/revoke', '/v2/oauth/revoke'],
  authorize: ['/oauth/authorize']
} as const

/** Whether a path without its query is one of those that a fault is for; the emulator's own pages must be named. */
export function isTarget (path: string, on: FaultTarget | undefined): boolean {
  if (on === undefined) return !isOwnPage(path)
  if (on === 'api') return /^\/v\d/.test(path) && !isOneOf(paths.token, path) && !isOneOf(paths.revoke, path)
  if (on === 'token' || on === 'revoke' || on === 'authorize') return isOneOf(paths[on], path)
  return on === path
}

function isOneOf (list: readonly string[], path: string): boolean {
  return list.includes(path)
}
