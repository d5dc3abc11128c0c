import { load } from './load/load.js'
import type { ServerProcess } from './server/server-process.js'
import { shuffled } from './statistics.js'

/** One measurement of one server. */
export interface Measurement {
  /** Requests answered per second. */
  rate: number
  /** Processor time of the server per request, in microseconds. Other programs affect it less than the rate. */
  cpuMicros: number
}

/** How long each server is warmed up, so that the compiler has optimized its hot code. */
const warmUpRounds = 4

/** The measurements of one round, by scenario. */
export type Round = Map<string, Measurement>

interface Plan {
  rounds: number
  ms: number
  connections: number
  seed: number
}

/**
 * Warms up all servers, then measures each server in each round.
 *
 * Servers are measured one at a time and in another order each round, so that other work on the machine affects all of
 * them alike.
 */
export async function runRounds (
  servers: ServerProcess[],
  { rounds, ms, connections, seed }: Plan,
  onRound: (done: number) => void
): Promise<Round[]> {
  for (const server of servers) await measure(server, { connections, ms: warmUpRounds * ms })
  const results: Round[] = []
  for (let index = 0; index < rounds; index++) {
    const round: Round = new Map()
    for (const server of shuffled(servers, seed + index)) {
      round.set(server.name, await measure(server, { connections, ms }))
    }
    results.push(round)
    onRound(results.length)
  }
  return results
}

async function measure (server: ServerProcess, plan: { connections: number, ms: number }): Promise<Measurement> {
  const before = await server.usedMicros()
  const { requests, elapsedMs } = await load(server.target, plan)
  const used = await server.usedMicros() - before
  return { rate: requests / elapsedMs * 1000, cpuMicros: used / requests }
}
