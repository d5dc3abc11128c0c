import { availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os'
import { versionOf } from './installed/packages.js'
import type { RunInfo } from './report/result.js'

const measuredPackages = [
  'fastify', '@fastify/cookie', '@fastify/session', '@fastify/secure-session', '@fastify/oauth2', '@mirohq/miro-api',
  'google-auth-library', '@atproto/oauth-client-node', 'ioredis', 'pg'
]

/** The circumstances of a run as it begins. The versions of servers come later, as they start. */
export function describeRun ({ seed, command }: { seed: number, command: string }): RunInfo {
  const cores = availableParallelism()
  const [load = 0] = loadavg()
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    versions: Object.fromEntries(measuredPackages.map((name) => [name, versionOf(name)])),
    machine: `${cores} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()}`,
    load: `load ${load.toFixed(1)} before it began`,
    // A run needs more than one core for itself.
    isBusy: load > cores / 2,
    seed,
    command
  }
}
