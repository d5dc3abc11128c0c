import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Emulator } from '@miro-oauth/emulator'
import { childEnvironment } from '../fleet/child-environment.js'
import type { MiroAddress } from '../fleet/messages.js'
import type { RequestLog } from '../miro/request-log.js'
import { senderOf } from '../miro/request-sender.js'
import type { Person } from '../people/person.js'
import type { Random } from '../random.js'
import type { OpenStore } from '../stores/open-store.js'
import type { StoreKind } from '../stores/store-kind.js'
import { readStoredGrant } from '../stores/stored-grant.js'
import { sleep } from '../time.js'
import type { ServerOptions } from '../worker/sigterm-server.js'
import { userHeader } from '../worker/user-header.js'

/** What all servers of a plan share. */
export interface TerminationContext {
  storeKind: StoreKind
  storeUrl: string
  driverStore: OpenStore
  emulator: Emulator
  miro: MiroAddress
  requestLog: RequestLog
  random: Random
}

export interface Termination {
  /** The id of the server. */
  id: string
  /** How often a server was terminated for this person before, plus one. */
  turn: number
}

export interface TerminationResult {
  /** The status of the answer to the request, or 0 for no answer. */
  status: number
  /** The exit code of the server, or the signal that ended it. */
  exit: string
  /** `alive`, or what is wrong with the grant. */
  grant: string
}

const twoHoursMs = 2 * 60 * 60_000
const longestDelayMs = 300
const longestWaitAfterwardsMs = 60
const serverUrl = new URL('../worker/sigterm-server.js', import.meta.url)

/**
 * Starts a server, sends it a request that needs a refresh, and sends SIGTERM at a random moment while Miro answers or
 * shortly after. The server's clock is two hours further ahead at each `turn`, so that the stored token has expired.
 */
export async function terminateDuringRefresh (
  context: TerminationContext, person: Person, { id, turn }: Termination
): Promise<TerminationResult> {
  const { emulator, random, storeKind, storeUrl, miro } = context
  const store = { kind: storeKind, url: storeUrl }
  const { child, url } = await startServer({ id, store, miro, aheadMs: turn * twoHoursMs })
  const ms = Math.round(random.between(0, longestDelayMs))
  const delay = emulator.faults.add({
    on: 'token',
    do: 'delay',
    ms,
    when: random.chance(0.5) ? 'before' : 'after',
    match: (request) => senderOf(request)?.startsWith(`${id}:`) === true
  })
  const exited = once(child, 'exit')
  const request = fetch(`${url}/whoami`, { headers: { [userHeader]: person.userId, connection: 'close' } })
  const status = request.then((answer) => answer.status, () => 0)
  await Promise.race([delay.hit, status])
  await sleep(random.between(0, ms + longestWaitAfterwardsMs))
  child.kill('SIGTERM')
  const [code, signal] = await exited as unknown[]
  return { status: await status, exit: String(signal ?? code), grant: await checkGrant(context, person) }
}

async function startServer (options: ServerOptions): Promise<{ child: ChildProcess, url: string }> {
  const child = fork(serverUrl, [JSON.stringify(options)], { execArgv: [], env: childEnvironment() })
  const [{ url }] = await once(child, 'message') as [{ url: string }]
  return { child, url }
}

async function checkGrant ({ driverStore, miro, requestLog }: TerminationContext, person: Person): Promise<string> {
  const grant = await readStoredGrant(driverStore, { subject: 'ours', clientId: miro.clientId }, person)
  if (grant.state !== 'active') return `the grant is ${grant.state}`
  if (grant.isLeased) return 'the grant is leased'
  return requestLog.pairByToken(grant.refreshToken)?.record.death === null ? 'alive' : 'the stored pair is dead'
}
