import t from 'tap'
import { defaultAnswers } from './fixtures/answers.js'
import { clientId, clientSecret, run } from './fixtures/run.js'

/** Fields of requests and answers whose values are no secret. */
const publicFields = new Set(['grant_type', 'redirect_uri', 'token_type', 'scope', 'expires_in', 'type', 'scopes', 'status'])

/** A fetch that notes every value of the forms and JSON that pass through it. */
function createSpy (edit: (response: Response, form: URLSearchParams) => Response = (response) => response) {
  const values = new Set<string>()
  const note = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [name, field] of Object.entries(value)) if (!publicFields.has(name)) note(field)
    } else if (String(value).length > 3) {
      values.add(String(value))
    }
  }
  const spy: typeof fetch = async (input, init) => {
    const form = new URLSearchParams(init?.body instanceof URLSearchParams ? init.body : '')
    note(Object.fromEntries(form))
    const response = edit(await fetch(input, init), form)
    // The boards are left out: nothing of them is a secret of a run.
    if (response.status === 200 && String(input).includes('/v1/')) note(await response.clone().json())
    return response
  }
  return { values, fetch: spy }
}

t.test('verify: each question has an answer, and the file has no secret in it', async (t) => {
  const { values, fetch } = createSpy()
  const { answers, text, told, callbacks } = await run({ fetch })
  t.same(answers, defaultAnswers)
  for (const { searchParams } of callbacks) {
    for (const name of ['code', 'state', 'team_id']) if (searchParams.has(name)) values.add(searchParams.get(name) ?? '')
  }
  t.ok(values.has(clientSecret) && values.has(clientId) && values.has('Ada Lovelace') && values.size > 40, 'the spy works')
  const shown = text + told.join('\n')
  t.same([...values].filter((value) => shown.includes(value)), [])
})

t.test('verify: a secret that Miro puts where a code belongs is withheld', async (t) => {
  const { fetch } = createSpy((response, form) => {
    if (response.ok || form.size === 0) return response
    const code = form.get('refresh_token')?.slice(0, 30) ?? clientSecret
    return Response.json({ status: 401, code, message: clientSecret, type: 'error' }, { status: 401 })
  })
  const { text, told, facts } = await run({ fetch })
  t.notMatch(text + told.join('\n'), clientSecret)
  t.match(facts, { 'spent-code': { code: '[withheld]' } })
})

t.test('verify: an outage of Miro is no refusal, and leaves a question open', async (t) => {
  const { fetch } = createSpy((response, form) => {
    return form.get('grant_type') === 'refresh_token' ? Response.json({}, { status: 503 }) : response
  })
  const { answers } = await run({ fetch })
  for (const id of ['refresh-answer', 'wrong-secret', 'reuse', 'second-connect']) {
    t.equal(answers[id], 'unanswered: Miro answered 503')
  }
  t.equal(answers['spent-code'], defaultAnswers['spent-code'])
})

/** A fetch behind which the refresh token that was spent last gets the same answer again. */
function createGraceFetch (): typeof fetch {
  let last = { refreshToken: '', answer: '' }
  return async (input, init) => {
    const refreshToken = init?.body instanceof URLSearchParams ? init.body.get('refresh_token') : null
    if (refreshToken === last.refreshToken) return new Response(last.answer)
    const response = await fetch(input, init)
    if (refreshToken !== null && response.ok) last = { refreshToken, answer: await response.clone().text() }
    return response
  }
}

t.test('verify: a grace period for the last refresh token is no answer about reuse detection', async (t) => {
  const { answers, facts } = await run({ fetch: createGraceFetch(), rules: { reuse: 'revoke-family' } })
  t.same(answers, { ...defaultAnswers, 'refresh-grace': 'more than 60 seconds', reuse: 'all its successors are revoked' })
  t.match(facts, { 'refresh-grace': { repeatsItsAnswer: true } })
})

t.test('verify: an error page at one connect does not count as PKCE that is required', async (t) => {
  const { answers, facts } = await run({ refuseVisit: 3 })
  t.same(answers, { ...defaultAnswers, 'spent-code': 'unanswered: the person was not sent back with a code' })
  t.match(facts, { pkce: { isRequired: false } })
})

t.test('verify: a step that ends grants is left out if the person does not agree', async (t) => {
  const { answers } = await run({ confirm: () => false })
  const leftOut = Object.keys(answers).filter((id) => answers[id] === 'unanswered: left out by the person')
  t.same(leftOut, ['wrong-secret', 'refresh-grace', 'reuse', 'spent-code', 'second-connect', 'revoke', 'expired-token'])
  t.equal(answers['decline'], defaultAnswers.decline)
})
