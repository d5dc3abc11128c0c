import { RequestLog } from '../miro/request-log.js'
import { watchTokens } from '../miro/token-watch.js'
import { Random } from '../random.js'
import { openStore } from '../stores/open-store.js'
import type { StoreKind } from '../stores/store-kind.js'
import { connectPerson } from './connect-person.js'
import { startServers } from './servers.js'
import { terminateDuringRefresh, type TerminationContext, type TerminationResult } from './terminate-during-refresh.js'

export interface SigtermOptions {
  store: StoreKind
  times: number
  seed: number
}

/** How many of the servers did each thing right; `failures` describes the rest. */
export interface SigtermResult {
  options: SigtermOptions
  /** The request under way was answered with 200. */
  answered: number
  /** The process ended by itself, with 0. */
  exited: number
  /** The store holds the live pair. */
  alive: number
  failures: string[]
}

/** How many servers run at a time, each with a grant of its own. */
const lanes = 2

/** Terminates a Fastify server during a refresh, `times` times. Returns null if this machine has no such store. */
export async function runSigterm (options: SigtermOptions): Promise<SigtermResult | null> {
  const servers = await startServers(options.store, { people: lanes })
  if (servers === null) return null
  const { emulator, miro, storeServer: { url: storeUrl }, close } = servers
  const driverStore = await openStore(options.store, storeUrl)
  const requestLog = new RequestLog(emulator.ledger)
  watchTokens({ emulator, requestLog })
  const context: TerminationContext = {
    storeKind: options.store, storeUrl, driverStore, emulator, miro, requestLog, random: new Random(options.seed)
  }
  const result: SigtermResult = { options, answered: 0, exited: 0, alive: 0, failures: [] }
  let started = 0
  await Promise.all(Array.from({ length: lanes }, async (_, lane) => {
    const person = await connectPerson(driverStore.store, miro, lane)
    for (let turn = 1; started < options.times; turn++) {
      add(result, await terminateDuringRefresh(context, person, { id: `s${++started}`, turn }))
    }
  }))
  await driverStore.close()
  await close()
  return result
}

function add (result: SigtermResult, { status, exit, grant }: TerminationResult): void {
  if (status === 200) result.answered++
  else result.failures.push(`HTTP ${status}`)
  if (exit === '0') result.exited++
  else result.failures.push(`exit ${exit}`)
  if (grant === 'alive') result.alive++
  else result.failures.push(grant)
}
