import { createMiroAuth, MiroError, type MiroAuth, type Store } from '@miro-oauth/core'
import type { Person } from '../people/person.js'
import { machineNow } from '../time.js'
import { watchedStore } from '../worker/stored-pairs.js'
import type { Subject, SubjectParts } from './subject.js'

const exchangeMs = 60_000
const contextEvery = 20
let calls = 0

/** What this repository makes, with its defaults. */
export function createOurs (parts: SubjectParts, storeOf: (store: Store) => Store = (store) => store): Subject {
  const { options: { miro, limits }, ahead, open, fetch, visit, onStored } = parts
  const now = (): number => machineNow() + ahead()
  const auth = createMiroAuth({
    clientId: miro.clientId,
    clientSecret: miro.clientSecret,
    store: watchedStore(storeOf(open.store), onStored),
    endpoints: { apiUrl: miro.apiUrl },
    clock: { now },
    fetch,
    refresh: limits
  })
  return {
    call: (person) => callAs(auth, person),
    async signIn (person) {
      const code = new URL(await visit(toAuthorizeUrl(parts), person)).searchParams.get('code') ?? ''
      const sentAt = now()
      await auth.connect(await exchange(parts, code), { sentAt })
    },
    async disconnect (person) { await auth.disconnect(person) },
    codeOf: (error) => error instanceof MiroError ? error.code : error instanceof Error ? error.message.slice(0, 40) : 'unknown',
    isOver: (code) => code === 'MIRO_REAUTHORIZE' || code === 'MIRO_NOT_CONNECTED',
    close: () => auth.close()
  }
}

/** The token context answers a dead token with 400, where no second try is made; the boards are asked for the most part. */
async function callAs (auth: MiroAuth, person: Person): Promise<string> {
  const client = auth.client(person)
  if (++calls % contextEvery === 0) return (await client.tokenContext()).userId
  const { data: [board] } = await client.boards.list({ limit: 1 })
  return ownerOf(board)
}

function ownerOf (board: unknown): string {
  const owner: unknown = typeof board === 'object' && board !== null ? Reflect.get(board, 'owner') : null
  return typeof owner === 'object' && owner !== null ? String(Reflect.get(owner, 'id')) : 'nobody'
}

function toAuthorizeUrl ({ options: { miro } }: SubjectParts): string {
  const query = new URLSearchParams({ response_type: 'code', client_id: miro.clientId, redirect_uri: miro.redirectUri })
  return `${miro.authorizeUrl}?${query}`
}

async function exchange ({ options: { miro }, fetch }: SubjectParts, code: string): Promise<string> {
  const answer = await fetch(`${miro.apiUrl}/v1/oauth/token`, {
    method: 'POST',
    signal: AbortSignal.timeout(exchangeMs),
    body: new URLSearchParams({
      grant_type: 'authorization_code', client_id: miro.clientId, client_secret: miro.clientSecret, redirect_uri: miro.redirectUri, code
    })
  })
  if (!answer.ok) throw new Error(`exchange: ${answer.status}`)
  return answer.text()
}
