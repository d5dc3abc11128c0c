import { ConfigError, RecordError, StoreError } from '@miro-oauth/fastify'
import { systemErrorCode } from './system-error.js'
import { unusableStore } from './unusable-store.js'
import { VariableError } from './variable-error.js'

/** The line that a failed start prints. It says which variable to change, and shows no value. */
export function startFailureLine (error: unknown): string {
  if (error instanceof VariableError) return error.message
  if (error instanceof ConfigError) return withVariableNames(error.message)
  if (error instanceof StoreError) return unusableStore(error.cause)
  if (error instanceof RecordError) {
    return 'STORE_KEYS: the store holds records of other keys. Set the keys they were written with, or name another store in STORE_URL.'
  }
  if (systemErrorCode(error) === 'EADDRINUSE') {
    return 'PORT is taken by another program. Stop that one, or set PORT to another number.'
  }
  if (error instanceof Error && 'syscall' in error) {
    return `HOST and PORT: cannot listen there (${systemErrorCode(error)}).`
  }
  return error instanceof Error ? error.message : 'The server did not start.'
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

/** The plugin's message names an option; the operator set the variable behind it. */
function withVariableNames (message: string): string {
  return message.replaceAll(/the option ([a-z.]*[a-z])/gi, (text, option: string) => variables[option] ?? text)
}
