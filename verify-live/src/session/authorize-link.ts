import type { Config } from '../config.js'
import type { Proof } from './pkce.js'

/** 32 random bytes. */
export const shortestState = 43

/** The link to Miro's authorize page. */
export function toAuthorizeLink (config: Config, state: string, proof: Proof | null): URL {
  const { authorizeUrl, clientId, redirectUri } = config
  const link = new URL(authorizeUrl)
  const parameters = { response_type: 'code', client_id: clientId, redirect_uri: redirectUri, state, ...proof?.challenge }
  link.search = new URLSearchParams(parameters).toString()
  return link
}

/** A refusal may come without its state, and a long state may come back cut. A code without its state is not ours. */
export function isCallbackOf (state: string, parameters: URLSearchParams): boolean {
  const echoed = parameters.get('state')
  if (echoed === null || echoed === '') return !parameters.has('code')
  return echoed === state || (echoed.length >= shortestState && state.startsWith(echoed))
}
