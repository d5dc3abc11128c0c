import { ConfigError, UnavailableError, type MiroError } from '@miro-oauth/core'
import {
  AccessDeniedError, ClientMismatchError, CodeMissingError, ParameterRepeatedError, StateExpiredError,
  StateMissingError, StateUnknownError
} from '../errors.js'
import { flowMs, type Flow } from './flow.js'

/** What Miro's redirect carries (RFC 6749, sections 4.1.2 and 4.1.2.1). An empty value counts as none. */
export interface CallbackParameters {
  state: string | null
  error: string | null
  clientId: string | null
  code: string | null
  teamId: string | null
}

/**
 * Reads the callback's query.
 *
 * @throws {ParameterRepeatedError} any parameter came twice (RFC 6749, section 3.1)
 */
export function parseCallback (query: URLSearchParams): CallbackParameters {
  const names = Array.from(query.keys())
  if (new Set(names).size < names.length) throw new ParameterRepeatedError()
  const valueOf = (name: string): string | null => query.get(name) || null
  return {
    state: valueOf('state'),
    // An empty `error` is still a refusal.
    error: query.get('error'),
    clientId: valueOf('client_id'),
    code: valueOf('code'),
    teamId: valueOf('team_id')
  }
}

/** What a callback leads to, once its parameters and its flow are known. */
type CallbackDecision =
  | { kind: 'refused', error: MiroError }
  /**
   * The person said no. `hasFlow`: in a flow of this browser, which stays unredeemed, so that they may go back and say
   * yes.
   */
  | { kind: 'declined', error: MiroError, hasFlow: boolean }
  | { kind: 'exchange', code: string, flow: Flow }

/**
 * Decides what a callback leads to. Pure. `state` comes first: a callback that was forged (CSRF) or was meant for
 * another browser changes nothing, and its code is not sent to Miro.
 *
 * @see RFC 6749, sections 4.1.2.1 and 10.12, and RFC 9700, section 4.7
 */
export function decideCallback (parameters: CallbackParameters, { flow, clientId, now }: {
  /** The flow of `state` in this browser; `null`: it has none. */
  flow: Flow | null
  clientId: string
  now: number
}): CallbackDecision {
  const { state, error, code, clientId: namedClient } = parameters
  // A decline is told without a flow too, since Miro may send it without the state. Any other error may be made up.
  if (state === null && error === 'access_denied') return { kind: 'declined', error: new AccessDeniedError(), hasFlow: false }
  if (state === null) return { kind: 'refused', error: new StateMissingError() }
  if (flow === null) return { kind: 'refused', error: new StateUnknownError() }
  if (now - flow.startedAt > flowMs) return { kind: 'refused', error: new StateExpiredError() }
  if (error !== null) return endedByMiro(error)
  if (namedClient !== null && namedClient !== clientId) return { kind: 'refused', error: new ClientMismatchError() }
  if (code === null) return { kind: 'refused', error: new CodeMissingError() }
  return { kind: 'exchange', code, flow }
}

/** By RFC 6749, section 4.1.2.1. A word that is not known there says nothing of the person. */
function endedByMiro (error: string): CallbackDecision {
  switch (error) {
    case 'access_denied': return { kind: 'declined', error: new AccessDeniedError(), hasFlow: true }
    case 'server_error':
    case 'temporarily_unavailable': return { kind: 'refused', error: new UnavailableError({ cause: endCause(error) }) }
    default: return { kind: 'refused', error: new ConfigError(refusedRequest, { cause: endCause(error) }) }
  }
}

const refusedRequest = 'Miro refused the authorization request: check the client id, the redirect URI and the scopes in the app\'s settings.'
/** The other words of RFC 6749, section 4.1.2.1. */
const knownErrors = ['invalid_request', 'unauthorized_client', 'unsupported_response_type', 'invalid_scope', 'server_error', 'temporarily_unavailable']

/** For the log: a known word, and no other text that a stranger may have written. */
function endCause (error: string): Error {
  return new Error(knownErrors.includes(error) ? `Miro ended the flow with ${error}.` : 'Miro ended the flow with a word that RFC 6749 does not have.')
}
