import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Emulator } from '@miro-oauth/emulator'
import { childEnvironment } from '../fleet/child-environment.js'
import { openStore } from '../stores/open-store.js'
import type { StoreKind } from '../stores/store-kind.js'
import type { AskResult, ExpiryTask, ExpiryWorkerOptions } from '../worker/expiry-worker.js'
import { connectPerson } from './connect-person.js'
import { startServers } from './servers.js'

export interface ExpiriesOptions {
  store: StoreKind
  rounds: number
}

/** What happened in all rounds. */
export interface ExpiriesResult {
  options: ExpiriesOptions
  processes: number
  callersEach: number
  refreshRequests: number
  callers: number
  /** The error codes of the callers that got no token. */
  failed: string[]
  /** How many tokens were given to callers and are refused by Miro. */
  refused: number
}

const processes = 4
const callersEach = 100
const hourMs = 60 * 60_000
const workerUrl = new URL('../worker/expiry-worker.js', import.meta.url)

/**
 * Lets one grant expire again and again, and has 4 × 100 callers ask for its token at once each time. Returns null if
 * this machine has no such store.
 */
export async function runExpiries (options: ExpiriesOptions): Promise<ExpiriesResult | null> {
  const servers = await startServers(options.store, { people: 1 })
  if (servers === null) return null
  const { emulator, storeServer: { url }, miro, close } = servers
  const driverStore = await openStore(options.store, url)
  await connectPerson(driverStore.store, miro, 0)
  const refreshes = countTokenRequests(emulator)
  const children = await startChildren({ store: { kind: options.store, url }, miro })
  const result = { options, processes, callersEach, callers: 0, failed: [] as string[], refused: 0 }
  for (let round = 1; round <= options.rounds; round++) {
    for (const { failed, refused } of await runRound(emulator, children, round)) {
      result.callers += callersEach
      result.failed.push(...failed)
      result.refused += refused
    }
  }
  await Promise.all(children.map(endChild))
  await driverStore.close()
  await close()
  return { ...result, refreshRequests: refreshes() }
}

/** Advances all clocks by an hour, Miro's too, while no call is under way; then has all callers ask. */
async function runRound (emulator: Emulator, children: readonly ChildProcess[], round: number): Promise<AskResult[]> {
  const stepMs = hourMs + 1000
  emulator.miroClock.advance(stepMs)
  await Promise.all(children.map((child) => send(child, { type: 'set-clock', aheadMs: round * stepMs })))
  return await Promise.all(children.map((child) => send(child, { type: 'ask', callers: callersEach }))) as AskResult[]
}

/** Adds a fault that matches no request, but counts those that it is shown. */
function countTokenRequests (emulator: Emulator): () => number {
  let count = 0
  emulator.faults.add({
    on: 'token',
    do: 'delay',
    ms: 0,
    times: Infinity,
    match: () => {
      count++
      return false
    }
  })
  return () => count
}

async function startChildren (options: ExpiryWorkerOptions): Promise<ChildProcess[]> {
  return Promise.all(Array.from({ length: processes }, async () => {
    const child = fork(workerUrl, [JSON.stringify(options)], { execArgv: [], env: childEnvironment() })
    await once(child, 'message')
    return child
  }))
}

async function send (child: ChildProcess, task: ExpiryTask): Promise<unknown> {
  const answered = once(child, 'message')
  child.send(task)
  const [answer] = await answered as unknown[]
  return answer
}

async function endChild (child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}
