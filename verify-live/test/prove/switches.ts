import t from 'tap'
import type { EmulatorSwitches } from '@miro-oauth/emulator'
import { defaultAnswers } from '../fixtures/answers.js'
import { run } from '../fixtures/run.js'

/** Each switch of the emulator, and every answer that it changes. */
const cases: Array<{ name: string, switches: EmulatorSwitches, changed: Partial<typeof defaultAnswers> }> = [
  { name: 'rules.reuse: revoke-family', switches: { rules: { reuse: 'revoke-family' } }, changed: { reuse: 'all its successors are revoked' } },
  {
    name: 'rules.reconnect: replace',
    switches: { rules: { reconnect: 'replace' } },
    changed: { 'second-connect': 'the earlier pair ends', revoke: 'the pair is revoked; a person has no second one' }
  },
  { name: 'rules.revoke: user', switches: { rules: { revoke: 'user' } }, changed: { revoke: 'every pair of the person is revoked' } },
  {
    name: 'refusals: rfc',
    switches: { refusals: 'rfc' },
    changed: {
      'wrong-secret': '401 rfc6749 invalid_client, refresh token stays',
      'refresh-grace': 'none, then 400 rfc6749 invalid_grant',
      'spent-code': '400 rfc6749 invalid_grant, tokens stay'
    }
  },
  {
    name: 'refusals: bare',
    switches: { refusals: 'bare' },
    changed: {
      'wrong-secret': '401 empty, refresh token stays',
      'refresh-grace': 'none, then 401 empty',
      'spent-code': '401 empty, tokens stay'
    }
  },
  {
    name: 'ids: numbers',
    switches: { ids: 'numbers' },
    changed: { 'token-answer': 'user_id number, team_id number', 'refresh-answer': 'user_id missing, team_id number' }
  },
  { name: 'pkce: enforce', switches: { pkce: 'enforce' }, changed: { pkce: 'checked and required' } },
  { name: 'pkce: refuse', switches: { pkce: 'refuse' }, changed: { pkce: 'refused by the authorize page' } },
  { name: 'authorizeOpener: cut', switches: { authorizeOpener: 'cut' }, changed: { opener: 'same-origin' } },
  {
    name: 'idToken.lifetimeSeconds',
    switches: { idToken: { lifetimeSeconds: 60 } },
    changed: { 'id-token': 'HS256, 60 seconds, iss miro, user text of 19, team text of 19' }
  },
  {
    name: 'idToken.ids: numbers',
    switches: { idToken: { ids: 'numbers' } },
    changed: { 'id-token': 'HS256, 300 seconds, iss miro, user number of 19, team number of 19' }
  },
  {
    name: 'idToken.issuer: none',
    switches: { idToken: { issuer: null } },
    changed: { 'id-token': 'HS256, 300 seconds, iss missing, user text of 19, team text of 19' }
  },
  { name: 'creditsPerMinute', switches: { creditsPerMinute: 5_000 }, changed: { 'rate-limit': '5000 credits' } }
]

for (const { name, switches, changed } of cases) {
  t.test(`verify: ${name} changes its own answers and no others`, async (t) => {
    const { answers } = await run(switches)
    t.same(answers, { ...defaultAnswers, ...changed })
  })
}

t.test('verify: accessTokenSeconds is in the facts of the token answer', async (t) => {
  const { answers, facts } = await run({ accessTokenSeconds: 600 })
  t.same(answers, defaultAnswers)
  t.match(facts, { 'token-answer': { expiresIn: 600 } })
})

t.test('verify: an app whose tokens do not expire leaves the questions about refresh tokens open', async (t) => {
  const { answers } = await run({ seed: { app: { expiring: false } } })
  for (const id of ['refresh-answer', 'wrong-secret', 'access-grace', 'refresh-grace', 'reuse', 'second-connect', 'expired-token']) {
    t.equal(answers[id], 'unanswered: the tokens of this app do not expire')
  }
  t.equal(answers['revoke'], defaultAnswers.revoke)
})

t.test('verify: an app without a scope shows how a call is refused that needs it', async (t) => {
  const withoutWrite = await run({ seed: { app: { scopes: ['boards:read'] } } })
  t.equal(withoutWrite.answers['missing-scope'], '403 envelope insufficientPermissions')
  const withoutRead = await run({ seed: { app: { scopes: ['boards:write'] } } })
  t.equal(withoutRead.answers['missing-scope'], '403 envelope insufficientPermissions')
})

t.test('verify: a page that refuses a long link bounds the length of a state', async (t) => {
  const { answers } = await run({ longestLink: 2_000 })
  t.same(answers, { ...defaultAnswers, 'state-length': 'at least 512, 2000 is refused' })
})
