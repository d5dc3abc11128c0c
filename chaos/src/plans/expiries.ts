import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { childEnvironment } from '../fleet/child-environment.js'
import { openStore } from '../stores/open-store.js'
import type { StoreKind } from '../stores/store-kind.js'
import type { Asked, ExpiryTask, ExpiryWorkerOptions } from '../worker/expiry-main.js'
import { signInFirst } from './first-grant.js'
import { startScene } from './scene.js'

export interface ExpiriesOptions {
  store: StoreKind
  rounds: number
}

/** What happened when one grant expired again and again under everybody at once. */
export interface ExpiriesResult {
  options: ExpiriesOptions
  refreshRequests: number
  callers: number
  failed: string[]
  /** Tokens that were given to callers and that Miro refuses. */
  refused: number
}

const processes = 4
const callersEach = 100
const hourMs = 60 * 60_000
const workerUrl = new URL('../worker/expiry-main.js', import.meta.url)

/** Lets one grant expire `rounds` times for 4 × 100 callers; `null` where this machine has no such store. */
export async function runExpiries (options: ExpiriesOptions): Promise<ExpiriesResult | null> {
  const scene = await startScene(options.store, { people: 1 })
  if (scene === null) return null
  const { emulator, server, address, close } = scene
  const own = await openStore(options.store, server.url)
  await signInFirst(own.store, address, 0)
  let refreshRequests = 0
  emulator.faults.add({
    on: 'token',
    do: 'delay',
    ms: 0,
    times: Infinity,
    match: () => {
      refreshRequests++
      return false
    }
  })
  const children = await startChildren({ store: { kind: options.store, url: server.url }, miro: address })
  const result: ExpiriesResult = { options, refreshRequests: 0, callers: 0, failed: [], refused: 0 }
  for (let round = 1; round <= options.rounds; round++) {
    // Everybody's hour is over, Miro's too, and nobody is under way.
    emulator.miroClock.advance(hourMs + 1000)
    await Promise.all(children.map((child) => send(child, { type: 'advance', aheadMs: round * (hourMs + 1000) })))
    const answers = await Promise.all(children.map((child) => send(child, { type: 'ask', callers: callersEach }))) as Asked[]
    for (const { failed, refused } of answers) {
      result.callers += callersEach
      result.failed.push(...failed)
      result.refused += refused
    }
  }
  await Promise.all(children.map(endChild))
  await own.close()
  await close()
  return { ...result, refreshRequests }
}

/** The rows of its column. */
export function expiryRows ({ options, refreshRequests, callers, failed, refused }: ExpiriesResult): Array<[name: string, value: string]> {
  return [
    ['store', options.store],
    ['processes × callers × expiries', `${processes} × ${callersEach} × ${options.rounds}`],
    ['refresh requests', String(refreshRequests)],
    ['**refresh requests per expiry**', `**${(refreshRequests / options.rounds).toFixed(2)}**`],
    ['**callers that failed**', `**${failed.length} of ${callers}**`],
    ...[...new Set(failed)].map((code): [string, string] => [`— ${code}`, String(failed.filter((one) => one === code).length)]),
    ['tokens given that Miro refuses', String(refused)]
  ]
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
