import { createMiroAuth, MiroError, type MiroAuth, type Store } from '@miro-oauth/core'
import { exchangeCode, toAuthorizeUrl } from '../miro/code-flow.js'
import type { Person } from '../people/person.js'
import { machineNow } from '../time.js'
import { watchedStore } from '../worker/stored-pairs.js'
import type { Subject, SubjectParts } from './subject.js'

const exchangeMs = 60_000
const contextEvery = 20
let calls = 0

/** The packages of this repository, with their defaults. */
export function createOurs (parts: SubjectParts, wrapStore: (store: Store) => Store = (store) => store): Subject {
  const { options: { miro, limits }, aheadMs, open, fetch, authorize, onStored } = parts
  const now = (): number => machineNow() + aheadMs()
  const auth = createMiroAuth({
    clientId: miro.clientId,
    clientSecret: miro.clientSecret,
    store: watchedStore(wrapStore(open.store), onStored),
    endpoints: { apiUrl: miro.apiUrl },
    clock: { now },
    fetch,
    refresh: limits
  })
  return {
    call: (person) => callAs(auth, person),
    async signIn (person) {
      const code = new URL(await authorize(toAuthorizeUrl(miro), person)).searchParams.get('code') ?? ''
      const sentAt = now()
      const answer = await exchangeCode(miro, { code, fetch, signal: AbortSignal.timeout(exchangeMs) })
      await auth.connect(answer, { sentAt })
    },
    async disconnect (person) { await auth.disconnect(person) },
    codeOf,
    needsSignIn: (code) => code === 'MIRO_REAUTHORIZE' || code === 'MIRO_NOT_CONNECTED',
    close: () => auth.close()
  }
}

function codeOf (error: unknown): string {
  if (error instanceof MiroError) return error.code
  return error instanceof Error ? error.message.slice(0, 40) : 'unknown'
}

/**
 * Most calls list boards: a dead token gets 401 there, after which the client refreshes and tries again. Each twentieth
 * call asks for the token context, which answers a dead token with 400: the client does not try again.
 */
async function callAs (auth: MiroAuth, person: Person): Promise<string> {
  const client = auth.client(person)
  if (++calls % contextEvery === 0) return (await client.tokenContext()).userId
  const { data: [board] } = await client.boards.list({ limit: 1 })
  return ownerOf(board)
}

function ownerOf (board: unknown): string {
  const owner: unknown = typeof board === 'object' && board !== null ? Reflect.get(board, 'owner') : null
  return typeof owner === 'object' && owner !== null ? String(Reflect.get(owner, 'id')) : 'no owner'
}
