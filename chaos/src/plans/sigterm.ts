import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Emulator } from '@miro-oauth/emulator'
import { childEnvironment } from '../fleet/child-environment.js'
import type { MiroAddress, SubjectName } from '../fleet/messages.js'
import { RequestLog } from '../miro/request-log.js'
import { senderOf, watchTokens } from '../miro/token-watch.js'
import type { Person } from '../people/person.js'
import { Random } from '../random.js'
import { openStore, type OpenStore } from '../stores/open-store.js'
import type { StoreKind } from '../stores/store-kind.js'
import { readStoredGrant } from '../stores/stored-grant.js'
import { sleep } from '../time.js'
import type { ServerOptions } from '../worker/sigterm-server.js'
import { userHeader } from '../worker/user-header.js'
import { signInFirst } from './first-grant.js'
import { startScene } from './scene.js'

export interface SigtermOptions {
  store: StoreKind
  times: number
  seed: number
}

/** How often what went well; whatever did not is told in `failures`. */
export interface SigtermResult {
  options: SigtermOptions
  answered: number
  exited: number
  alive: number
  failures: string[]
}

interface Parts {
  options: SigtermOptions
  own: OpenStore
  emulator: Emulator
  address: MiroAddress
  storeUrl: string
  requestLog: RequestLog
  random: Random
}

/** Two servers at a time, each with a grant of its own. */
const lanes = 2
const twoHoursMs = 2 * 60 * 60_000
const longestDelayMs = 300
const afterwardsMs = 60
const serverUrl = new URL('../worker/sigterm-server.js', import.meta.url)

/** Ends a Fastify server in the middle of a refresh, again and again; `null` where this machine has no such store. */
export async function runSigterm (options: SigtermOptions): Promise<SigtermResult | null> {
  const scene = await startScene(options.store, { people: lanes })
  if (scene === null) return null
  const { emulator, address, server, close } = scene
  const own = await openStore(options.store, server.url)
  const requestLog = new RequestLog(emulator.ledger)
  watchTokens({ emulator, requestLog })
  const parts: Parts = { options, own, emulator, address, storeUrl: server.url, requestLog, random: new Random(options.seed) }
  const result: SigtermResult = { options, answered: 0, exited: 0, alive: 0, failures: [] }
  let next = 0
  await Promise.all(Array.from({ length: lanes }, async (_, lane) => {
    const person = await signInFirst(own.store, address, lane)
    for (let turn = 1; next < options.times; turn++) count(result, await endOnce(parts, person, { name: `s${++next}`, turn }))
  }))
  await own.close()
  await close()
  return result
}

/** The rows of its column. */
export function sigtermRows ({ options, answered, exited, alive, failures }: SigtermResult): Array<[name: string, value: string]> {
  return [
    ['store · seed', `${options.store} · ${options.seed}`],
    ['SIGTERM in the middle of a refresh', String(options.times)],
    ['the request under way was answered', String(answered)],
    ['the process ended by itself, with 0', String(exited)],
    ['**grants lost**', `**${options.times - alive}**`],
    ['what went wrong', failures.length === 0 ? 'nothing' : [...new Set(failures)].join('; ')]
  ]
}

interface Ending {
  status: number
  exit: string
  state: string
}

function count (result: SigtermResult, { status, exit, state }: Ending): void {
  if (status === 200) result.answered++
  else result.failures.push(`HTTP ${status}`)
  if (exit === '0') result.exited++
  else result.failures.push(`exit ${exit}`)
  if (state === 'alive') result.alive++
  else result.failures.push(state)
}

/** One server, one request that has to refresh, and SIGTERM at a random moment while that is at Miro or just after. */
async function endOnce (parts: Parts, person: Person, { name, turn }: { name: string, turn: number }): Promise<Ending> {
  const { emulator, random, storeUrl, address, options } = parts
  const { child, url } = await startServer({ id: name, store: { kind: options.store, url: storeUrl }, miro: address, aheadMs: turn * twoHoursMs })
  const ms = Math.round(random.between(0, longestDelayMs))
  const delay = emulator.faults.add({
    on: 'token', do: 'delay', ms, when: random.chance(0.5) ? 'before' : 'after', match: (request) => senderOf(request)?.startsWith(`${name}:`) === true
  })
  const exited = once(child, 'exit')
  const request = fetch(`${url}/whoami`, { headers: { [userHeader]: person.userId, connection: 'close' } })
  const status = request.then((answer) => answer.status, () => 0)
  await Promise.race([delay.hit, status])
  await sleep(random.between(0, ms + afterwardsMs))
  child.kill('SIGTERM')
  const [code, signal] = await exited as unknown[]
  return { status: await status, exit: String(signal ?? code), state: await stateOf(parts, person) }
}

async function startServer (options: ServerOptions): Promise<{ child: ChildProcess, url: string }> {
  const child = fork(serverUrl, [JSON.stringify(options)], { execArgv: [], env: childEnvironment() })
  const [{ url }] = await once(child, 'message') as [{ url: string }]
  return { child, url }
}

async function stateOf ({ own, address, requestLog }: Parts, person: Person): Promise<string> {
  const subject: SubjectName = 'ours'
  const grant = await readStoredGrant(own, { subject, clientId: address.clientId }, person)
  if (grant.state !== 'active') return `the grant is ${grant.state}`
  if (grant.isLeased) return 'the grant is leased'
  return requestLog.pairByToken(grant.refreshToken)?.record.death === null ? 'alive' : 'the stored pair is dead'
}
