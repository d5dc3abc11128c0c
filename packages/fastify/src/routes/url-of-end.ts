import type { FlowEnd } from '../flow/flow.js'
import type { Settings } from '../settings.js'

/** The absolute URL that the browser goes to at the end of a flow, whatever becomes of a panel's. */
export function urlOfEnd ({ origin, paths }: Pick<Settings, 'origin' | 'paths'>, end: FlowEnd): string {
  if (end.kind === 'page') return end.url
  return origin + paths.connectDone + (end.teamId === null ? '' : `?team_id=${end.teamId}`)
}
