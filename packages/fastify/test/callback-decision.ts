import { MiroError } from '@miro-oauth/core'
import t from 'tap'
import { decideCallback, parseCallback, type CallbackParameters } from '../src/flow/callback-decision.js'
import type { Flow } from '../src/flow/flow.js'

const now = 1_800_000_000_000
const tenMinutesMs = 600_000
const clientId = '3458764500000000001'
const flow: Flow = {
  state: 'state-1',
  end: { kind: 'page', url: 'https://app.example/boards' },
  appUserHash: null,
  codeVerifier: null,
  startedAt: now - tenMinutesMs
}
/** The callback of a person who agreed. */
const agreed: CallbackParameters = { state: 'state-1', error: null, clientId, code: 'code-1', teamId: '7' }

/** What a callback like that of a person who agreed, but for the changes, leads to. */
function decided (
  changes: Partial<CallbackParameters>, known: { flow?: Flow | null, now?: number } = {}
): ReturnType<typeof decideCallback> {
  return decideCallback({ ...agreed, ...changes }, { flow, clientId, now, ...known })
}

/** The same in words. */
function spell (decision: ReturnType<typeof decideCallback>): string {
  if (decision.kind === 'exchange') return 'exchange'
  const { kind, error } = decision
  return `${kind} ${error.code}${kind === 'declined' && decision.hasFlow ? ' in a flow' : ''}`
}

t.test('callback: its query is read by the names of RFC 6749 and Miro, and an empty value counts as none, but for error', async (t) => {
  const read = (query: string): CallbackParameters => parseCallback(new URLSearchParams(query))
  const nothing = { state: null, error: null, clientId: null, code: null, teamId: null }
  t.strictSame(read('state=1&error=2&client_id=3&code=4&team_id=5'), { state: '1', error: '2', clientId: '3', code: '4', teamId: '5' })
  t.strictSame(read(''), nothing)
  t.strictSame(read('state=&error=&client_id=&code=&team_id='), { ...nothing, error: '' })
  t.strictSame(read('utm=1&State=2'), nothing, 'other names are passed over')
  for (const query of ['code=1&code=1', 'state=&state=1', 'utm=1&utm=2', 'code=1&state=2&code=3']) {
    t.throws(() => read(query), { code: 'MIRO_CALLBACK_PARAMETER_REPEATED' }, query)
  }
})

t.test('callback: the state is judged before all else, then the age of the flow, the error, the client and the code', async (t) => {
  const cases: Array<[string, Partial<CallbackParameters>, { flow?: Flow | null, now?: number }, string]> = [
    ['a person agreed', {}, {}, 'exchange'],
    ['a client that is not named', { clientId: null }, {}, 'exchange'],
    ['no state', { state: null }, {}, 'refused MIRO_CALLBACK_STATE_MISSING'],
    ['no state, and no flow', { state: null }, { flow: null }, 'refused MIRO_CALLBACK_STATE_MISSING'],
    ['no state, and an error that may be made up', { state: null, error: 'server_error' }, {}, 'refused MIRO_CALLBACK_STATE_MISSING'],
    ['no state, and a decline', { state: null, error: 'access_denied' }, {}, 'declined MIRO_ACCESS_DENIED'],
    ['no flow in this browser', {}, { flow: null }, 'refused MIRO_CALLBACK_STATE_UNKNOWN'],
    ['no flow in this browser, and a decline', { error: 'access_denied' }, { flow: null }, 'refused MIRO_CALLBACK_STATE_UNKNOWN'],
    ['after ten minutes and a millisecond', {}, { now: now + 1 }, 'refused MIRO_CALLBACK_STATE_EXPIRED'],
    ['a late decline', { error: 'access_denied' }, { now: now + 1 }, 'refused MIRO_CALLBACK_STATE_EXPIRED'],
    ['a decline, whatever else came with it', { error: 'access_denied', clientId: 'another', code: null }, {}, 'declined MIRO_ACCESS_DENIED in a flow'],
    ['Miro is at fault', { error: 'server_error' }, {}, 'refused MIRO_UNAVAILABLE'],
    ['Miro is busy', { error: 'temporarily_unavailable' }, {}, 'refused MIRO_UNAVAILABLE'],
    ['the request was wrong', { error: 'invalid_scope' }, {}, 'refused MIRO_CONFIG'],
    ['an empty error', { error: '' }, {}, 'refused MIRO_CONFIG'],
    ['another client', { clientId: 'another' }, {}, 'refused MIRO_CALLBACK_CLIENT_MISMATCH'],
    ['another client, and no code', { clientId: 'another', code: null }, {}, 'refused MIRO_CALLBACK_CLIENT_MISMATCH'],
    ['no code', { code: null }, {}, 'refused MIRO_CALLBACK_CODE_MISSING']
  ]
  for (const [name, changes, known, expected] of cases) t.equal(spell(decided(changes, known)), expected, name)
  t.strictSame(decided({}), { kind: 'exchange', code: 'code-1', flow })
})

t.test('callback: the cause of a flow that Miro ended has the words of RFC 6749, and no other', async (t) => {
  const causeOf = (error: string): unknown => {
    const decision = decided({ error })
    return decision.kind !== 'exchange' && decision.error instanceof MiroError && decision.error.cause instanceof Error && decision.error.cause.message
  }
  for (const error of [
    'invalid_request', 'unauthorized_client', 'unsupported_response_type', 'invalid_scope', 'server_error', 'temporarily_unavailable'
  ]) t.equal(causeOf(error), `Miro ended the flow with ${error}.`)
  for (const error of ['', 'made up']) t.equal(causeOf(error), 'Miro ended the flow with a word that RFC 6749 does not have.')
  const decision = decided({ error: 'invalid_scope' })
  t.match(decision.kind === 'refused' && decision.error.message, /client id, the redirect URI and the scopes/)
})
