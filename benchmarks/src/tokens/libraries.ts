import { setImmediate as nextTurn } from 'node:timers/promises'
import { NodeOAuthClient } from '@atproto/oauth-client-node'
import { createMiroAuth, memoryStore, type Store } from '@miro-oauth/core'
import { Miro } from '@mirohq/miro-api'
import { OAuth2Client } from 'google-auth-library'
import { createPrivateJwk } from './private-jwk.js'
import { idOf, newRefreshToken, teamId, tokenAnswer } from '../miro/token-endpoint.js'

/** Returns an access token that is good for an hour, without any request. */
export type TokenCall = () => Promise<string>

const userId = idOf(7)
const hourMs = 3_600_000
const accessToken = String(tokenAnswer(userId)['access_token'])

/** How each library is brought to a fresh grant, by the name of the row. */
export const libraries: Readonly<Record<string, { title: string, prepare: () => Promise<TokenCall> }>> = {
  core: { title: '`accessToken()` of Miro core, `memoryStore()`', prepare: () => prepareCore(memoryStore()) },
  'core-again': { title: 'the first row again', prepare: () => prepareCore(memoryStore()) },
  'core-later': {
    title: '`accessToken()` of Miro core, a store that answers a turn later',
    prepare: () => prepareCore(laterStore(memoryStore()))
  },
  'miro-api': { title: '`getAccessToken()` of @mirohq/miro-api, a Map as storage', prepare: prepareMiroApi },
  google: { title: '`getAccessToken()` of google-auth-library, one grant in its client', prepare: prepareGoogle },
  atproto: { title: '`getSession()` of @atproto/oauth-client-node, a Map as session store', prepare: prepareAtproto }
}

async function prepareCore (store: Store): Promise<TokenCall> {
  const auth = createMiroAuth({ clientId: idOf(1), clientSecret: 'a-client-secret-of-the-benchmarks', store })
  await auth.connect(tokenAnswer(userId))
  return () => auth.accessToken({ userId, teamId })
}

/** A store that answers in a later turn of the event loop, as a store over a network does. */
export function laterStore (store: Store): Store {
  return {
    get: async (key) => {
      await nextTurn()
      return store.get(key)
    },
    cas: store.cas
  }
}

async function prepareMiroApi (): Promise<TokenCall> {
  const tokenExpiresAt = new Date(Date.now() + hourMs).toISOString()
  const states = new Map([[userId, { userId, accessToken, refreshToken: newRefreshToken(userId), tokenExpiresAt }]])
  const miro = new Miro({
    clientId: idOf(1),
    clientSecret: 'secret',
    redirectUrl: 'http://localhost:3000/callback',
    // An object of one's own, since its own storage warns at every start, and does the same.
    storage: { get: async (id) => states.get(String(id)), set: async () => {} }
  })
  return () => miro.getAccessToken(userId)
}

async function prepareGoogle (): Promise<TokenCall> {
  const client = new OAuth2Client({ clientId: 'client', clientSecret: 'secret' })
  client.setCredentials({ access_token: accessToken, refresh_token: 'refresh', expiry_date: Date.now() + hourMs })
  return async () => (await client.getAccessToken()).token ?? ''
}

interface SessionGetter {
  getSession: (sub: string, refresh: 'auto') => Promise<{ tokenSet: { access_token: string } }>
}

/**
 * Its session getter alone: `restore()`, which is the public way to it, asks a server for its metadata first. The
 * getter is `protected`, and there at run time.
 */
async function prepareAtproto (): Promise<TokenCall> {
  const sub = 'did:plc:ewvi7nxzyoun6zhxrhs64oiz'
  const session = {
    dpopJwk: createPrivateJwk(),
    authMethod: { method: 'none' as const },
    tokenSet: {
      iss: 'https://bsky.social',
      aud: 'https://bsky.social',
      sub,
      scope: 'atproto',
      token_type: 'DPoP',
      access_token: accessToken,
      refresh_token: 'refresh',
      expires_at: new Date(Date.now() + hourMs).toISOString()
    }
  }
  const sessions = new Map<string, unknown>([[sub, session]])
  const store = {
    get: async (key: string) => sessions.get(key),
    set: async (key: string, value: unknown) => { sessions.set(key, value) },
    del: async (key: string) => { sessions.delete(key) }
  }
  const client = Reflect.construct(NodeOAuthClient, [{
    clientMetadata: {
      client_id: 'http://localhost',
      redirect_uris: ['http://127.0.0.1/'],
      scope: 'atproto',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      dpop_bound_access_tokens: true
    },
    handleResolver: 'https://bsky.social',
    stateStore: store,
    sessionStore: store,
    // The lock for one process that its README says to pass, without a queue: calls come one after the other.
    requestLock: async <T>(_name: string, work: () => Promise<T>) => work()
  }])
  const getter = Reflect.get(client, 'sessionGetter') as SessionGetter
  return async () => (await getter.getSession(sub, 'auto')).tokenSet.access_token
}
