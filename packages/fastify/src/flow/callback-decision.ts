import type { MiroError } from '@miro-oauth/core'
import {
  AccessDeniedError, ClientMismatchError, CodeMissingError, ParameterRepeatedError, StateExpiredError, StateMissingError, StateUnknownError
} from '../errors.js'
import { flowMs, type Flow } from './flow.js'

/** What Miro's redirect carries. An empty value counts as none. */
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
 * @throws {ParameterRepeatedError} any parameter came twice
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
  /** The person said no. `hasFlow`: in a flow of this browser, which stays unredeemed, so that they may go back and say yes. */
  | { kind: 'declined', error: MiroError, hasFlow: boolean }
  | { kind: 'exchange', code: string, flow: Flow }

/** Decides about a callback, in the order that spends nothing for a stranger. Pure. */
export function decideCallback (parameters: CallbackParameters, { flow, clientId, now }: {
  /** The flow of `state` in this browser. */
  flow: Flow | null
  clientId: string
  now: number
}): CallbackDecision {
  const { state, error, code } = parameters
  if (state === null) {
    return error === null
      ? { kind: 'refused', error: new StateMissingError() }
      : { kind: 'declined', error: new AccessDeniedError(), hasFlow: false }
  }
  if (flow === null) return { kind: 'refused', error: new StateUnknownError() }
  if (now - flow.startedAt > flowMs) return { kind: 'refused', error: new StateExpiredError() }
  if (error !== null) return { kind: 'declined', error: new AccessDeniedError(), hasFlow: true }
  if (parameters.clientId !== null && parameters.clientId !== clientId) return { kind: 'refused', error: new ClientMismatchError() }
  if (code === null) return { kind: 'refused', error: new CodeMissingError() }
  return { kind: 'exchange', code, flow }
}
