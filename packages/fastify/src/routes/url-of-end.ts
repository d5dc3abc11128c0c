import type { Settings } from '../settings.js'
import type { Flow } from '../flow/flow.js'

type ConnectSettings = Pick<Settings, 'origin' | 'paths' | 'panel'>

/** Where the window of a panel ends, whatever becomes of its flow. @param teamId the team of the board */
export function connectDoneUrl ({ origin, paths }: ConnectSettings, teamId: string | null): string {
  return origin + paths.connectDone + (teamId === null ? '' : `?team_id=${teamId}`)
}

/** Whether a flow was begun by a panel. No login can return to that path: see `toReturnTo`. */
export function isConnectFlow ({ origin, paths, panel }: ConnectSettings, { returnTo }: Flow): boolean {
  const [url = ''] = returnTo.split('?', 1)
  return panel && url === origin + paths.connectDone
}
