import { createEmulator, type Emulator } from '@miro-oauth/emulator'
import { startPostgres, startRedis, type TestServer } from '@miro-oauth/test-servers'
import type { MiroAddress } from '../fleet/messages.js'
import { redirectUri, toSeed } from '../miro/app-registration.js'
import { createPeople } from '../people/person.js'
import { createSqliteFile } from '../stores/sqlite-file.js'
import type { StoreKind } from '../stores/store-kind.js'

/** A real store, and an emulated Miro in this process. */
export interface Servers {
  storeServer: TestServer
  emulator: Emulator
  miro: MiroAddress
  close: () => Promise<void>
}

export interface ServersOptions {
  people: number
  /** Default Miro's hour. */
  accessTokenSeconds?: number
}

const stores: Record<StoreKind, () => Promise<TestServer | null>> = {
  postgres: () => startPostgres({ max_connections: '200' }),
  redis: () => startRedis(),
  sqlite: createSqliteFile
}

/** Starts both. Returns null, after a notice, if this machine has no such store. */
export async function startServers (kind: StoreKind, { people, ...switches }: ServersOptions): Promise<Servers | null> {
  const storeServer = await stores[kind]()
  if (storeServer === null) return null
  const emulator = await createEmulator({ seed: toSeed(createPeople(people)), ...switches })
  return {
    storeServer,
    emulator,
    miro: toAddress(emulator),
    async close () {
      await emulator.close()
      await storeServer.stop()
    }
  }
}

/** By IP address, so that no request has to look up `localhost`. */
function toAddress ({ apiUrl, authorizeUrl, app: { clientId, clientSecret } }: Emulator): MiroAddress {
  const byAddress = (url: string): string => url.replace('localhost', '127.0.0.1')
  return { apiUrl: byAddress(apiUrl), authorizeUrl: byAddress(authorizeUrl), clientId, clientSecret, redirectUri }
}
