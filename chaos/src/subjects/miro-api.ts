import { Miro } from '@mirohq/miro-api'
import type { PlainTexts } from '../stores/open-store.js'
import { watchedTexts } from '../worker/stored-pairs.js'
import type { Subject, SubjectParts } from './subject.js'

/** What the library stores for one user, as JSON. */
interface State {
  userId: string
  accessToken: string
  refreshToken: string
  tokenExpiresAt?: string
}

type Storage = NonNullable<NonNullable<ConstructorParameters<typeof Miro>[0]>['storage']>

const hourSeconds = 3600
const marginSeconds = 120
const needingSignIn = ['HTTP 400', 'HTTP 401', 'No access token stored']

/**
 * `@mirohq/miro-api` as its README says, with a storage on the same server that awaits every write.
 *
 * The library refreshes two minutes before a token expires. In a shrunk hour that would be at every call. The storage
 * therefore stores a later expiry, so that only the shrunk share of the two minutes is left.
 */
export function createMiroApi (parts: SubjectParts): Subject {
  const { options: { miro, accessTokenSeconds }, open, authorize, onStored } = parts
  const texts = watchedTexts(open.plain, onStored)
  const postponeMs = marginSeconds * 1000 * (1 - accessTokenSeconds / hourSeconds)
  const client = new Miro({
    clientId: miro.clientId,
    clientSecret: miro.clientSecret,
    redirectUrl: miro.redirectUri,
    basePath: miro.apiUrl,
    storage: createStorage(texts, postponeMs)
  })
  return {
    async call (person) {
      const { value: board } = await client.as(person.userId).getAllBoards().next()
      return String(board?.owner?.id)
    },
    async signIn (person) {
      await client.exchangeCodeForAccessToken(person.userId, await authorize(client.getAuthUrl(), person))
    },
    async disconnect ({ userId }) {
      // The library forgets a user only if Miro accepts the revocation.
      await client.revokeToken(userId).catch(() => {})
      await texts.delete(userId)
    },
    codeOf,
    needsSignIn: (code) => needingSignIn.includes(code),
    close: async () => {}
  }
}

function createStorage (texts: PlainTexts, postponeMs: number): Storage {
  return {
    async get (userId) {
      const text = await texts.get(String(userId))
      return text === null ? undefined : JSON.parse(text) as State
    },
    async set (userId, state) {
      if (state === undefined) return texts.delete(String(userId))
      const text = JSON.stringify({ ...state, ...postpone(state.tokenExpiresAt, postponeMs) })
      await texts.set(String(userId), text)
    }
  }
}

function postpone (expiresAt: string | undefined, ms: number): { tokenExpiresAt?: string } {
  return expiresAt === undefined ? {} : { tokenExpiresAt: new Date(Date.parse(expiresAt) + ms).toISOString() }
}

function codeOf (error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if (error.message.startsWith('No access token stored')) return 'No access token stored'
  const status: unknown = Reflect.get(error, 'statusCode')
  return typeof status === 'number' ? `HTTP ${status}` : String(Reflect.get(error, 'code') ?? error.name)
}
