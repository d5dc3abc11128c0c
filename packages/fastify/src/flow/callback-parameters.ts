import type { MiroError } from '@miro-oauth/core'
import {
  AccessDeniedError, ClientMismatchError, CodeMissingError, ParameterRepeatedError, StateExpiredError, StateMissingError, StateUnknownError
} from '../errors.js'
import type { Flow } from './flow-seal.js'
import { flowMs } from './flows.js'

/** What Miro's redirect carries. An empty value counts as none. */
interface CallbackParameters {
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

/** What a callback is, once its parameters and its flow are known. */
type CallbackStep =
  | { step: 'refuse', error: MiroError }
  /** The person said no, `ours`: in a flow of this browser. Nothing is spent: they may go back and say yes. */
  | { step: 'declined', error: MiroError, ours: boolean }
  | { step: 'exchange', code: string, flow: Flow }

/** Decides about a callback, in the order that spends nothing for a stranger. Pure. */
export function callbackStep (parameters: CallbackParameters, { flow, clientId, now }: {
  /** The flow of `state` in this browser. */
  flow: Flow | null
  clientId: string
  now: number
}): CallbackStep {
  const { state, error, code } = parameters
  if (state === null) {
    return error === null
      ? { step: 'refuse', error: new StateMissingError() }
      : { step: 'declined', error: new AccessDeniedError(), ours: false }
  }
  if (flow === null) return { step: 'refuse', error: new StateUnknownError() }
  if (now - flow.startedAt > flowMs) return { step: 'refuse', error: new StateExpiredError() }
  if (error !== null) return { step: 'declined', error: new AccessDeniedError(), ours: true }
  if (parameters.clientId !== null && parameters.clientId !== clientId) return { step: 'refuse', error: new ClientMismatchError() }
  if (code === null) return { step: 'refuse', error: new CodeMissingError() }
  return { step: 'exchange', code, flow }
}
