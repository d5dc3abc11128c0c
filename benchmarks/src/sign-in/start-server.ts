import { Agent } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { BackendAddress } from '../backend/backend-kind.js'
import { startChild, toNumbers } from '../child/start-child.js'
import type { Measurement, Subject } from '../measure/rounds.js'
import { idOf, type TokenEndpoint } from '../miro/token-endpoint.js'
import { path } from '../scenarios/scenario.js'
import { pathsOf, type Library } from './apps.js'
import { Browser } from './browser.js'
import type { SignInServerInput } from './server.js'

/** A server that people sign in to. */
export interface SignInServer extends Subject {
  /** Signs people in, several at once. Compilers optimize code that has run some thousand times. */
  warmUp: (signIns: number) => Promise<void>
  close: () => Promise<void>
}

interface Parts {
  name: string
  library: Library
  address: BackendAddress
  endpoint: TokenEndpoint
  ms: number
  execArgv: string[]
}

/** How many people sign in at once while a server is warmed up. */
const atOnce = 8

let lastPerson = 1000

/** Starts a server, and checks once that a sign-in at it gives a session with a token. */
export async function startSignInServer (
  { name, library, address, endpoint, ms, execArgv }: Parts
): Promise<SignInServer> {
  const input: SignInServerInput = { library, address, miroUrl: endpoint.url }
  const child = await startChild(new URL('server.js', import.meta.url), input, execArgv)
  const { port } = child.ready as { port: number }
  const agent = new Agent({ keepAlive: true })
  const signIn = (): Promise<SignedIn> => signInOnce(library, new Browser(port, agent), endpoint)

  async function usedMs (): Promise<number> {
    const { user = 0, system = 0 } = toNumbers(await child.ask('usage'))
    return (user + system) / 1000
  }

  async function measure (): Promise<Measurement> {
    const before = await usedMs()
    const startedAt = performance.now()
    let count = 0
    let requests = 0
    for (; count === 0 || performance.now() - startedAt < ms; count++) requests += (await signIn()).requests
    const elapsedMs = performance.now() - startedAt
    return { cpuMs: (await usedMs() - before) / count, elapsedMs: elapsedMs / count, requests: requests / count }
  }

  const { browser } = await signIn()
  const { status } = await browser.go(path)
  if (status !== 200) throw new Error(`After a sign-in, ${name} answered ${status}.`)
  return {
    name,
    measure,
    async warmUp (signIns) {
      let left = signIns
      await Promise.all(Array.from({ length: atOnce }, async () => { while (left-- > 0) await signIn() }))
    },
    async close () {
      agent.destroy()
      await child.close()
    }
  }
}

interface SignedIn {
  browser: Browser
  /** How many requests Miro got before the browser was sent on. */
  requests: number
}

/** One sign-in, Miro's page left out. */
async function signInOnce (library: Library, browser: Browser, endpoint: TokenEndpoint): Promise<SignedIn> {
  const { login, callback } = pathsOf(library)
  const { location } = await browser.go(login)
  const state = new URL(location).searchParams.get('state') ?? ''
  const before = endpoint.requests()
  const query = new URLSearchParams({ code: `code-${idOf(++lastPerson)}`, state })
  let requests = 0
  const { status, location: end } = await browser.go(`${callback}?${String(query)}`, () => {
    requests = endpoint.requests() - before
  })
  if (status !== 302 && status !== 303) throw new Error(`A callback of ${library} answered ${status} ${end}.`)
  return { browser, requests }
}
