import { createEmulator, type Emulator, type EmulatorOptions } from '@miro-oauth/emulator'
import type { FastifyMiroOptions } from '@miro-oauth/fastify'
import type { Config } from './config.js'

/** Starts a local Miro and returns it with the options that point the plugin at it. */
export async function startStandIn ({ port, cookieSecret }: Config): Promise<{ emulator: Emulator, miro: FastifyMiroOptions }> {
  const redirectUri = `http://localhost:${port}/auth/miro/callback`
  const emulator = await createEmulatorNear(port + 1, { seed: { app: { name: 'Example with its own users', redirectUris: [redirectUri] } } })
  const { clientId, clientSecret } = emulator.app
  return {
    emulator,
    miro: {
      clientId,
      clientSecret,
      redirectUri,
      cookieSecret,
      endpoints: { authorizeUrl: emulator.authorizeUrl, apiUrl: emulator.apiUrl },
      // One clock for both: the emulator's page can let an hour pass.
      clock: emulator.clock
    }
  }
}

/** The next port keeps the same address from start to start; where it is taken, any other will do. */
async function createEmulatorNear (port: number, options: EmulatorOptions): Promise<Emulator> {
  return createEmulator({ ...options, port }).catch(() => createEmulator(options))
}
