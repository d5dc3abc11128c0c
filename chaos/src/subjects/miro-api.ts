import { Miro } from '@mirohq/miro-api'
import { watchedTexts } from '../worker/stored-pairs.js'
import type { Subject, SubjectParts } from './subject.js'

/** What it keeps for somebody, as JSON. */
interface State {
  userId: string
  accessToken: string
  refreshToken: string
  tokenExpiresAt?: string
}

const hourSeconds = 3600
const marginSeconds = 120

/**
 * `@mirohq/miro-api` as its README says, with a storage on the same server that awaits every write.
 *
 * It refreshes two minutes before the end of an hour. Where the hour is shrunk, what it stores as the end is put off by
 * the rest of these minutes: otherwise it would refresh at every call.
 */
export function createMiroApi ({ options: { miro, accessTokenSeconds }, open, visit, onStored }: SubjectParts): Subject {
  const texts = watchedTexts(open.plain, onStored)
  const shrunkMs = marginSeconds * 1000 * (1 - accessTokenSeconds / hourSeconds)
  const client = new Miro({
    clientId: miro.clientId,
    clientSecret: miro.clientSecret,
    redirectUrl: miro.redirectUri,
    basePath: miro.apiUrl,
    storage: {
      async get (userId) {
        const text = await texts.get(String(userId))
        return text === null ? undefined : JSON.parse(text) as State
      },
      async set (userId, state) {
        if (state === undefined) return texts.delete(String(userId))
        await texts.set(String(userId), JSON.stringify({ ...state, ...putOff(state.tokenExpiresAt, shrunkMs) }))
      }
    }
  })
  return {
    async call (person) {
      const { value: board } = await client.as(person.userId).getAllBoards().next()
      return String(board?.owner?.id)
    },
    async signIn (person) { await client.exchangeCodeForAccessToken(person.userId, await visit(client.getAuthUrl(), person)) },
    async disconnect ({ userId }) {
      // It forgets nobody whose token Miro refuses to revoke.
      await client.revokeToken(userId).catch(() => {})
      await texts.delete(userId)
    },
    codeOf,
    isOver: (code) => ['HTTP 400', 'HTTP 401', 'No access token stored'].includes(code),
    close: async () => {}
  }
}

function putOff (expiresAt: string | undefined, ms: number): { tokenExpiresAt?: string } {
  return expiresAt === undefined ? {} : { tokenExpiresAt: new Date(Date.parse(expiresAt) + ms).toISOString() }
}

function codeOf (error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if (error.message.startsWith('No access token stored')) return 'No access token stored'
  const status: unknown = Reflect.get(error, 'statusCode')
  return typeof status === 'number' ? `HTTP ${status}` : String(Reflect.get(error, 'code') ?? error.name)
}
