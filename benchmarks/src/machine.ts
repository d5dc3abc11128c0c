import { availableParallelism, cpus, platform, totalmem } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { versionOf } from './installed/packages.js'
import type { RunInfo } from './report/result.js'

const measuredPackages = [
  'fastify', '@fastify/cookie', '@fastify/session', '@fastify/secure-session', '@fastify/oauth2', '@mirohq/miro-api',
  'google-auth-library', '@atproto/oauth-client-node', 'ioredis', 'pg'
]

/** How long the machine is watched before a run. Nothing of the run itself is at work then. */
const watchMs = 2000
/** What other programs may use of the processors. */
const quietShare = 0.1

/** The circumstances of a run as it begins. The versions of servers come later, as they start. */
export async function describeRun ({ seed, command }: { seed: number, command: string }): Promise<RunInfo> {
  const cores = availableParallelism()
  const before = processorTimes()
  await sleep(watchMs)
  const share = busyShare(before, processorTimes())
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    versions: Object.fromEntries(measuredPackages.map((name) => [name, versionOf(name)])),
    machine: `${cores} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()}`,
    load: `other programs used ${Math.round(share * 100)} % of the processors before it began`,
    isBusy: share > quietShare,
    seed,
    command
  }
}

/** Milliseconds of all processors together since the machine started. */
interface ProcessorTimes {
  busy: number
  idle: number
}

function processorTimes (): ProcessorTimes {
  return cpus().reduce(({ busy, idle }, { times }) => {
    return { busy: busy + times.user + times.nice + times.sys + times.irq, idle: idle + times.idle }
  }, { busy: 0, idle: 0 })
}

/** Which share of their time the processors worked between two readings, 0 to 1. */
export function busyShare (before: ProcessorTimes, after: ProcessorTimes): number {
  const busy = after.busy - before.busy
  const all = busy + after.idle - before.idle
  return all === 0 ? 0 : busy / all
}
