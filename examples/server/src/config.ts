import type { FastifyMiroOptions } from '@miro-oauth/fastify'

/** What the environment says, checked as far as it can be without the plugin. */
export interface Config {
  host: string
  port: number
  /** `null`: no app of Miro's is named, so a stand-in takes Miro's place. */
  miro: FastifyMiroOptions | null
  /** `null`: everything is kept in memory. */
  store: StoreConfig | null
  cookieSecret: string | undefined
}

/** Where grants and sessions live, and what they are encrypted with. */
export interface StoreConfig {
  url: string
  keys: string | undefined
}

/** A variable that is missing or wrong. The message names it and never shows its value. */
export class VariableError extends Error {}

const ofMiro = ['MIRO_CLIENT_ID', 'MIRO_CLIENT_SECRET', 'MIRO_REDIRECT_URI', 'MIRO_AUTHORIZE_URL', 'MIRO_API_URL'] as const

/** @throws {VariableError} */
export function readConfig (environment: Record<string, string | undefined>): Config {
  // An empty variable counts as none: `.env.example` can be copied as it is.
  const valueOf = (name: string): string | undefined => environment[name] || undefined
  return {
    host: valueOf('HOST') ?? 'localhost',
    port: toPort(valueOf('PORT') ?? '3000'),
    miro: readMiro(valueOf),
    store: readStore(valueOf),
    cookieSecret: valueOf('COOKIE_SECRET')
  }
}

function readMiro (valueOf: (name: string) => string | undefined): FastifyMiroOptions | null {
  const given = ofMiro.find((name) => valueOf(name) !== undefined)
  if (given === undefined) return null
  // A forgotten client id must not quietly start a stand-in where the rest is set up for Miro.
  for (const name of ['MIRO_CLIENT_ID', 'MIRO_CLIENT_SECRET', 'MIRO_REDIRECT_URI', 'COOKIE_SECRET']) {
    if (valueOf(name) === undefined) throw new VariableError(`${name} is missing, while ${given} is set.`)
  }
  return {
    clientId: valueOf('MIRO_CLIENT_ID'),
    clientSecret: valueOf('MIRO_CLIENT_SECRET'),
    redirectUri: valueOf('MIRO_REDIRECT_URI'),
    cookieSecret: valueOf('COOKIE_SECRET'),
    endpoints: { authorizeUrl: valueOf('MIRO_AUTHORIZE_URL'), apiUrl: valueOf('MIRO_API_URL') }
  }
}

function readStore (valueOf: (name: string) => string | undefined): StoreConfig | null {
  const url = valueOf('STORE_URL')
  const keys = valueOf('STORE_KEYS')
  if (url === undefined) {
    if (keys !== undefined) throw new VariableError('STORE_URL is missing, while STORE_KEYS is set.')
    return null
  }
  if (!URL.canParse(url) || !/^(postgres(ql)?|rediss?):$/.test(new URL(url).protocol)) {
    throw new VariableError('STORE_URL must begin with postgres:// or redis://.')
  }
  return { url, keys }
}

function toPort (text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  // Not 0 either: the redirect URI must name the port before the server has one.
  if (port < 1 || port > 65_535) throw new VariableError('PORT must be a number from 1 to 65535.')
  return port
}

const variables: Record<string, string> = {
  clientId: 'MIRO_CLIENT_ID',
  clientSecret: 'MIRO_CLIENT_SECRET',
  redirectUri: 'MIRO_REDIRECT_URI',
  cookieSecret: 'COOKIE_SECRET',
  'endpoints.authorizeUrl': 'MIRO_AUTHORIZE_URL',
  'endpoints.apiUrl': 'MIRO_API_URL',
  keys: 'STORE_KEYS'
}

/** The plugin checks the rest and names its options; whoever starts this server knows variables. */
export function inVariableNames (message: string): string {
  return message.replaceAll(/the option ([a-z.]*[a-z])/gi, (text, option: string) => variables[option] ?? text)
}
