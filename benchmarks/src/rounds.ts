import { load } from './load/load.js'
import type { ServerProcess } from './server/server-process.js'
import { shuffled } from './statistics.js'

/** One server, once under load. */
export interface Measurement {
  /** Requests answered per second. */
  rate: number
  /** Processor time of the server for each, in microseconds: other programs on the machine disturb it less than the rate. */
  cpuMicros: number
}

/** Until the compiler has seen what runs often. */
const warmUpRounds = 4

/** What was measured in one round, by scenario. */
export type Round = Map<string, Measurement>

interface Plan {
  rounds: number
  ms: number
  connections: number
  seed: number
}

/**
 * Measures every server in every round, one at a time and in another order each round, so that whatever else happens on
 * the machine hits all of them alike. Before that each is warmed up.
 */
export async function runRounds (servers: ServerProcess[], { rounds, ms, connections, seed }: Plan, onRound: (done: number) => void): Promise<Round[]> {
  for (const server of servers) await measure(server, { connections, ms: warmUpRounds * ms })
  const results: Round[] = []
  for (let index = 0; index < rounds; index++) {
    const round: Round = new Map()
    for (const server of shuffled(servers, seed + index)) round.set(server.name, await measure(server, { connections, ms }))
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
