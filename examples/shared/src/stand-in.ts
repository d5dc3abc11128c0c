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

/** The paths of an app that has a part inside Miro. */
export interface InsideMiro {
  /** The page that every board loads: the app's `sdkUri`. */
  sdkPath: string
  /** The route for installs that Miro starts. */
  installPath: string
}

/** Starts a local stand-in for Miro, unless the environment names a Miro app. */
export async function miroOrStandIn ({ port, miro, cookieSecret }: ServerConfig, { appName, insideMiro, closeAtEnd }: {
  appName: string
  insideMiro?: InsideMiro
  closeAtEnd: CloseAtEnd
}): Promise<MiroInUse> {
  if (miro !== null) return { miro, standIn: null }
  const origin = `http://localhost:${port}`
  const redirectUri = `${origin}/auth/miro/callback`
  const inside = insideMiro === undefined ? {} : toMiroSettings(insideMiro, { origin, redirectUri })
  const app = { name: appName, redirectUris: [redirectUri], ...inside }
  const standIn = await startEmulator(port + 1, { seed: { app } })
  closeAtEnd(standIn)
  return { miro: miroOptionsFor(standIn, { redirectUri, cookieSecret }), standIn }
}

/** What an app inside Miro has in its settings there. */
function toMiroSettings ({ sdkPath, installPath }: InsideMiro, { origin, redirectUri }: {
  origin: string
  redirectUri: string
}) {
  const redirectUriForSdk = origin + installPath
  return { sdkUri: origin + sdkPath, redirectUris: [redirectUri, redirectUriForSdk], redirectUriForSdk }
}

/**
 * The lines to print once the server listens.
 *
 * @param open a path of Miro to begin at; default the app's home page
 */
export function readyLines ({ host, port }: ServerConfig, { miro, standIn }: MiroInUse, open?: string): string {
  // Without a proxy both addresses have the same port, so that this line shows a redirect URI with a wrong one.
  if (standIn === null) return `Listening on ${host}:${port}. Open ${originOf(miro)}`
  const miroUrl = new URL(miro.endpoints?.authorizeUrl ?? standIn.url).origin
  return 'No MIRO_CLIENT_ID: using a local stand-in for Miro ' +
    `(clock and settings at ${miroUrl}). Open ${open === undefined ? `http://localhost:${port}` : miroUrl + open}\n` +
    `To create a Miro app for it, filled in: ${standIn.appFormLink}`
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
  // Cookies go by site, which has no port: a frame of one `localhost` in another would get the board's own site. Miro's
  // form takes http on `localhost` alone, so it is the stand-in whose pages get the other name of this machine.
  const pages = app.sdkUri === null ? authorizeUrl : authorizeUrl.replace('//localhost:', '//127.0.0.1:')
  // The app uses the emulator's clock: when the emulator's page advances it by an hour, the app's tokens expire too.
  return { clientId, clientSecret, redirectUri, cookieSecret, endpoints: { authorizeUrl: pages, apiUrl }, clock }
}
