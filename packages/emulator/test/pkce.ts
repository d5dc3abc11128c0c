import { createHash } from 'node:crypto'
import t from 'tap'
import type { Emulator } from '../src/index.js'
import { approve, authorizeUrl, connect, envelope, exchange, refresh, send, startEmulator } from './fixtures/visitor.js'

/** The example of RFC 7636, appendix B. */
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const challenge = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' }

async function codeUnder (emulator: Emulator, parameters: Record<string, string> = challenge): Promise<string> {
  const callback = await approve(emulator, { url: authorizeUrl(emulator, parameters) })
  return callback.searchParams.get('code') ?? ''
}

t.test('pkce: by default a challenge and a verifier are disregarded, in any form', async (t) => {
  const emulator = await startEmulator(t)
  t.equal((await exchange(emulator, await codeUnder(emulator))).status, 200)
  t.equal((await exchange(emulator, await codeUnder(emulator), { code_verifier: 'another' })).status, 200)
  t.equal((await send(`${authorizeUrl(emulator, challenge)}&code_challenge=twice`)).status, 200)
})

t.test('pkce: enforce exchanges a code for the verifier of its challenge', async (t) => {
  const emulator = await startEmulator(t, { pkce: 'enforce' })
  t.equal((await exchange(emulator, await codeUnder(emulator), { code_verifier: verifier })).status, 200)
  const longest = 'x'.repeat(128)
  const code = await codeUnder(emulator, { ...challenge, code_challenge: createHash('sha256').update(longest).digest('base64url') })
  const pair = await exchange(emulator, code, { code_verifier: longest })
  t.equal((await refresh(emulator, String(pair.json['refresh_token']))).status, 200, 'a refresh needs none')
})

t.test('pkce: enforce refuses every other challenge with an error page and no redirect', async (t) => {
  const emulator = await startEmulator(t, { pkce: 'enforce' })
  const wrong = {
    none: authorizeUrl(emulator),
    'no method, which means plain': authorizeUrl(emulator, { code_challenge: challenge.code_challenge }),
    plain: authorizeUrl(emulator, { code_challenge: verifier, code_challenge_method: 'plain' }),
    'no SHA-256': authorizeUrl(emulator, { ...challenge, code_challenge: 'short' }),
    'a repeated challenge': `${authorizeUrl(emulator, challenge)}&code_challenge=${challenge.code_challenge}`
  }
  for (const [name, url] of Object.entries(wrong)) {
    for (const method of ['GET', 'POST']) {
      const answer = await send(url, { method })
      t.equal(answer.status, 400, name)
      t.equal(answer.headers.get('location'), null)
      t.match(answer.text, /code_challenge/)
    }
  }
})

t.test('pkce: enforce refuses another verifier, which spends the code, and a missing one, which does not', async (t) => {
  const emulator = await startEmulator(t, { pkce: 'enforce', refusals: 'rfc' })
  const code = await codeUnder(emulator)
  const missing = { error: 'invalid_request', error_description: 'The parameter code_verifier is missing' }
  t.same((await exchange(emulator, code)).json, missing)
  t.same((await exchange(emulator, code, { code_verifier: '' })).json, missing)
  const refused = await exchange(emulator, code, { code_verifier: challenge.code_challenge })
  t.match(refused, { status: 400, json: { error: 'invalid_grant', error_description: 'Invalid code verifier' } })
  t.match((await exchange(emulator, code, { code_verifier: verifier })).json, { error_description: 'Invalid authorization code' })
  emulator.set({ refusals: 'envelope' })
  const again = await exchange(emulator, await codeUnder(emulator), { code_verifier: 'x' })
  t.same(again.json, envelope(401, 'oauthError', 'Invalid code verifier'))
})

t.test('pkce: enforce refuses a code that was issued without a challenge', async (t) => {
  const emulator = await startEmulator(t)
  const code = await codeUnder(emulator, {})
  emulator.set({ pkce: 'enforce' })
  t.equal((await exchange(emulator, code, { code_verifier: verifier })).status, 401)
})

t.test('pkce: refuse knows no such parameter, at the authorize page and at the token endpoint', async (t) => {
  const emulator = await startEmulator(t, { pkce: 'refuse', refusals: 'rfc' })
  for (const name of ['code_challenge', 'code_challenge_method'] as const) {
    const answer = await send(authorizeUrl(emulator, { [name]: challenge[name] }))
    t.equal(answer.status, 400)
    t.match(answer.text, `${name} is not known`)
  }
  const refused = { error: 'invalid_request', error_description: 'The parameter code_verifier is not known' }
  const code = await codeUnder(emulator, {})
  t.same((await exchange(emulator, code, { code_verifier: verifier })).json, refused)
  t.equal((await exchange(emulator, code)).status, 200, 'the code was not spent')
  const pair = await connect(emulator)
  t.same((await refresh(emulator, pair.refresh_token, { code_verifier: verifier })).json, refused)
  t.equal(emulator.ledger.requestsFor(pair.refresh_token).length, 1, 'the ledger has the refresh')
})
