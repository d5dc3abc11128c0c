import { randomBytes } from 'node:crypto'
import type { Config } from '../config.js'
import type { Miro } from '../wire/miro.js'
import type { Secrets } from '../wire/secrets.js'
import { isCallbackOf, shortestState, toAuthorizeLink } from './authorize-link.js'
import type { CallbackServer } from './callback-server.js'
import type { Person } from './person.js'
import type { Proof } from './pkce.js'

/** What the questions share. */
export interface SessionParts {
  config: Config
  secrets: Secrets
  miro: Miro
  person: Person
  callbacks: CallbackServer
  wait: (ms: number) => Promise<unknown>
}

/** What Miro sent the browser back with, or an error page in place of its form. */
export type Visit = { kind: 'callback', parameters: URLSearchParams, state: string } | { kind: 'refused' }

export interface VisitOptions {
  /** What the person is to do. */
  text: string
  proof?: Proof | null
  /** How many characters the `state` has. */
  stateLength?: number
}

/** Has the person open the authorize page, and waits for what comes back. */
export async function visitAuthorizePage (parts: SessionParts, options: VisitOptions): Promise<Visit> {
  const { config, secrets, person, callbacks } = parts
  const { text, proof = null, stateLength = shortestState } = options
  const state = randomBytes(stateLength).toString('base64url').slice(0, stateLength)
  secrets.add(state)
  const arrived = new AbortController()
  const callback = callbacks.next((parameters) => isCallbackOf(state, parameters)).then((parameters): Visit => {
    addSecrets(secrets, parameters)
    arrived.abort()
    return { kind: 'callback', parameters, state }
  })
  const link = callbacks.shorten(toAuthorizeLink(config, state, proof))
  const refused = person.visit(link, text, arrived.signal).then((): Visit => ({ kind: 'refused' }))
  return Promise.race([callback, refused])
}

/** All but the error, which is a word of the protocol. */
function addSecrets (secrets: Secrets, parameters: URLSearchParams): void {
  for (const [name, value] of parameters) if (!name.startsWith('error')) secrets.add(value)
}
