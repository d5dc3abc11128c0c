import type { MiroError } from '@miro-oauth/core'
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
  if (state === null) {
    return error === null
      ? { kind: 'refused', error: new StateMissingError() }
      : { kind: 'declined', error: new AccessDeniedError(), hasFlow: false }
  }
  if (flow === null) return { kind: 'refused', error: new StateUnknownError() }
  if (now - flow.startedAt > flowMs) return { kind: 'refused', error: new StateExpiredError() }
  if (error !== null) return { kind: 'declined', error: new AccessDeniedError(), hasFlow: true }
  if (namedClient !== null && namedClient !== clientId) return { kind: 'refused', error: new ClientMismatchError() }
  if (code === null) return { kind: 'refused', error: new CodeMissingError() }
  return { kind: 'exchange', code, flow }
}
