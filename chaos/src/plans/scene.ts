import { createEmulator, type Emulator } from '@miro-oauth/emulator'
import { startPostgres, startRedis, type TestServer } from '@miro-oauth/test-servers'
import type { MiroAddress } from '../fleet/messages.js'
import { redirectUri, toSeed } from '../miro/app-registration.js'
import { crowd } from '../people/person.js'
import type { StoreKind } from '../stores/store-kind.js'

/** A real store, and Miro in this process. */
export interface Scene {
  server: TestServer
  emulator: Emulator
  address: MiroAddress
  close: () => Promise<void>
}

/** `null`: this machine has no such store; a notice said so. */
export async function startScene (kind: StoreKind, { people, accessTokenSeconds }: { people: number, accessTokenSeconds?: number }): Promise<Scene | null> {
  const server = await (kind === 'postgres' ? startPostgres({ max_connections: '200' }) : startRedis())
  if (server === null) return null
  const emulator = await createEmulator({ seed: toSeed(crowd(people)), ...(accessTokenSeconds === undefined ? {} : { accessTokenSeconds }) })
  const { apiUrl, authorizeUrl, app: { clientId, clientSecret } } = emulator
  return {
    server,
    emulator,
    address: { apiUrl: apiUrl.replace('localhost', '127.0.0.1'), authorizeUrl: authorizeUrl.replace('localhost', '127.0.0.1'), clientId, clientSecret, redirectUri },
    async close () {
      await emulator.close()
      await server.stop()
    }
  }
}
