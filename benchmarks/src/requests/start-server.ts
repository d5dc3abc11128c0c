import type { BackendAddress } from '../backend/backend-kind.js'
import { startChild, toNumbers } from '../child/start-child.js'
import { load } from '../load/load.js'
import type { Target } from '../load/connection.js'
import type { Measurement, Subject } from '../measure/rounds.js'
import { path } from '../scenarios/scenario.js'
import type { ServerInput } from './server.js'

/** The server of one scenario, as a process of its own. */
export interface ServerProcess extends Subject {
  close: () => Promise<void>
}

/** How its server is started and put under load. */
export interface LoadPlan {
  connections: number
  ms: number
  /** Options of Node.js. */
  execArgv: string[]
}

/** Starts the server of a scenario. */
export async function startServer (
  name: string, address: BackendAddress, { execArgv, ...plan }: LoadPlan
): Promise<ServerProcess> {
  const input: ServerInput = { name, address }
  const child = await startChild(new URL('server.js', import.meta.url), input, execArgv)
  const target: Target = { path, ...child.ready as Omit<Target, 'path'> }
  async function usedMicros (): Promise<number> {
    const { user = 0, system = 0 } = toNumbers(await child.ask('usage'))
    return user + system
  }
  async function measure (): Promise<Measurement> {
    const before = await usedMicros()
    const { requests, elapsedMs } = await load(target, plan)
    return { rate: requests / elapsedMs * 1000, cpuMicros: (await usedMicros() - before) / requests }
  }
  return { name, measure, close: child.close }
}
