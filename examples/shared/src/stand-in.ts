import { createEmulator, type Emulator, type EmulatorOptions } from '@miro-oauth/emulator'
import type { FastifyMiroOptions } from '@miro-oauth/fastify'
import type { ServerConfig } from './config.js'
import type { CloseAtEnd } from './closable.js'
import { originOf } from './origin-of.js'

/** The options that lead the plugin to Miro, or to a stand-in that runs in this process. */
export interface MiroInUse {
  miro: FastifyMiroOptions
  standIn: Emulator | null
}

/** Starts a local stand-in for Miro, unless the environment names a Miro app. */
export async function miroOrStandIn ({ port, miro, cookieSecret }: ServerConfig, { appName, closeAtEnd }: {
  appName: string
  closeAtEnd: CloseAtEnd
}): Promise<MiroInUse> {
  if (miro !== null) return { miro, standIn: null }
  const redirectUri = `http://localhost:${port}/auth/miro/callback`
  const standIn = await startEmulator(port + 1, { seed: { app: { name: appName, redirectUris: [redirectUri] } } })
  closeAtEnd(standIn)
  return { miro: miroOptionsFor(standIn, { redirectUri, cookieSecret }), standIn }
}

/** The line to print once the server listens. */
export function readyLine ({ host, port }: ServerConfig, { miro, standIn }: MiroInUse): string {
  if (standIn !== null) {
    return 'No MIRO_CLIENT_ID: using a local stand-in for Miro ' +
      `(clock and settings at ${standIn.url}). Open http://localhost:${port}`
  }
  // Without a proxy both addresses have the same port, so that this line shows a redirect URI with a wrong one.
  return `Listening on ${host}:${port}. Open ${originOf(miro)}`
}

/** Prefers `port`, so that the address is the same at each start; if it is taken, any free port will do. */
async function startEmulator (port: number, options: EmulatorOptions): Promise<Emulator> {
  return createEmulator({ ...options, port }).catch(() => createEmulator(options))
}

/** The options that point the plugin at an emulator. */
export function miroOptionsFor ({ app, authorizeUrl, apiUrl, clock }: Emulator, { redirectUri, cookieSecret }: {
  redirectUri: string
  cookieSecret: string
}): FastifyMiroOptions {
  const { clientId, clientSecret } = app
  // The app uses the emulator's clock: when the emulator's page advances it by an hour, the app's tokens expire too.
  return { clientId, clientSecret, redirectUri, cookieSecret, endpoints: { authorizeUrl, apiUrl }, clock }
}
