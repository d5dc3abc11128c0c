import { randomBytes } from 'node:crypto'
import type { FastifyMiroOptions } from '@miro-oauth/fastify'
import { valueOf, type Environment } from './environment.js'
import { toFile } from './sqlite.js'
import { VariableError } from './variable-error.js'

/** The settings of every example. The Miro plugin checks its own options when it is registered. */
export interface ServerConfig {
  host: string
  port: number
  /** `null`: no variable names a Miro app, and a local stand-in is used. */
  miro: FastifyMiroOptions | null
  /** `null`: everything is kept in memory. */
  store: StoreConfig | null
  /** With the stand-in it may be random: no cookie outlives the process. */
  cookieSecret: string
}

/** The store for grants and sessions, and the keys that encrypt them. */
export interface StoreConfig {
  url: string
  keys: string | undefined
}

const credentials = ['MIRO_CLIENT_ID', 'MIRO_CLIENT_SECRET', 'MIRO_REDIRECT_URI']
const endpoints = ['MIRO_AUTHORIZE_URL', 'MIRO_API_URL']

/**
 * Reads the variables that every example has.
 *
 * @param alsoRequired further variables that must be set as soon as a Miro app is named
 * @throws {VariableError} a variable is missing or wrong
 */
export function readServerConfig (environment: Environment, alsoRequired: string[] = []): ServerConfig {
  return {
    host: valueOf(environment, 'HOST') ?? 'localhost',
    port: toPort(valueOf(environment, 'PORT') ?? '3000'),
    miro: readMiro(environment, [...credentials, 'COOKIE_SECRET', ...alsoRequired]),
    store: readStore(environment),
    cookieSecret: valueOf(environment, 'COOKIE_SECRET') ?? randomBytes(32).toString('hex')
  }
}

function readMiro (environment: Environment, required: string[]): FastifyMiroOptions | null {
  const given = [...credentials, ...endpoints].find((name) => valueOf(environment, name) !== undefined)
  if (given === undefined) return null
  // One variable of Miro requires all of them: a forgotten client id must not start the stand-in in production.
  for (const name of required) {
    if (valueOf(environment, name) === undefined) throw new VariableError(`${name} is missing, while ${given} is set.`)
  }
  return {
    clientId: valueOf(environment, 'MIRO_CLIENT_ID'),
    clientSecret: valueOf(environment, 'MIRO_CLIENT_SECRET'),
    redirectUri: valueOf(environment, 'MIRO_REDIRECT_URI'),
    cookieSecret: valueOf(environment, 'COOKIE_SECRET'),
    endpoints: {
      authorizeUrl: valueOf(environment, 'MIRO_AUTHORIZE_URL'),
      apiUrl: valueOf(environment, 'MIRO_API_URL')
    }
  }
}

function readStore (environment: Environment): StoreConfig | null {
  const url = valueOf(environment, 'STORE_URL')
  const keys = valueOf(environment, 'STORE_KEYS')
  if (url === undefined) {
    if (keys !== undefined) throw new VariableError('STORE_URL is missing, while STORE_KEYS is set.')
    return null
  }
  if (!namesServer(url) && toFile(url) === null) {
    throw new VariableError('STORE_URL must begin with postgres:// or redis://, or name a file, such as file:miro.db.')
  }
  return { url, keys }
}

/** @throws {VariableError} it begins like the address of a server, and is none */
function namesServer (url: string): boolean {
  if (!/^(postgres(ql)?|rediss?):/i.test(url)) return false
  if (!URL.canParse(url) || /\s|%(?![\da-f]{2})/i.test(url)) {
    throw new VariableError('STORE_URL is no URL: in a user or password, write % as %25, # as %23, / as %2F, ? as %3F and a space as %20.')
  }
  return true
}

function toPort (text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  // Port 0 is refused: the redirect URI must name the port before the server has one.
  if (port < 1 || port > 65_535) throw new VariableError('PORT must be a number from 1 to 65535.')
  return port
}
