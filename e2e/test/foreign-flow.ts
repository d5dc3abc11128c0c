import t from 'tap'
import { ada, grace } from './fixtures/foreign/accounts.js'
import { PlainClient } from './fixtures/foreign/plain-client.js'
import { startForeignScene } from './fixtures/foreign/scene.js'
import { Visitor } from './fixtures/visitor.js'

// Against oidc-provider, an independent implementation: our emulator and our client could share a misreading of OAuth.

const hour = 3_600_000
const boardsOf = ({ userId }: { userId: string }): object => ({ data: [{ name: `Board of ${userId}` }] })

for (const ids of ['text', 'numbers'] as const) {
  t.test(`sign-in: with ids as ${ids}, two users see their own boards, also after a refresh`, async (t) => {
    const { url, provider, visitor, advance, toCallback, signIn } = await startForeignScene(t, { ids })
    t.equal((await visitor.get(`${url}/boards`)).status, 303)

    const callback = await toCallback()
    t.equal(callback.searchParams.get('iss'), provider.url, 'the provider sends iss, as in RFC 9207')
    const signedIn = await visitor.get(callback)
    t.equal(signedIn.status, 303)
    t.equal(signedIn.location?.href, `${url}/boards`)
    t.match(await visitor.json(`${url}/boards`), boardsOf(ada))
    const { grant } = await visitor.json(`${url}/me`) as { grant: { userId: string, teamId: string } }
    t.match(grant, { ...ada, scopes: ['boards:read', 'boards:write'] })

    const other = new Visitor()
    t.equal((await signIn({ account: grace }, other)).status, 303)
    t.match(await other.json(`${url}/boards`), boardsOf(grace))

    advance(hour)
    t.match(await visitor.json(`${url}/boards`), boardsOf(ada))
    t.match(await visitor.json(`${url}/me`), { grant: ada }, 'every digit of the ids is kept')
    t.match(await other.json(`${url}/boards`), boardsOf(grace))
    t.same(provider.granted, ['authorization_code', 'authorization_code', 'refresh_token', 'refresh_token'])
    t.same(provider.refused, [])
  })
}

t.test('callback: twenty identical callbacks make one exchange, since a reused code costs the grant', async (t) => {
  const { url, provider, visitor, toCallback } = await startForeignScene(t)
  const callback = await toCallback()
  const answers = await Promise.all(Array.from({ length: 20 }, () => visitor.get(callback)))
  const statuses = answers.map(({ status }) => status)
  t.ok(statuses.includes(303))
  t.same(statuses.filter((status) => status !== 303 && status !== 400), [], 'a callback after the end, without the session, is told to start again')
  t.equal((await visitor.get(callback)).status, 303, 'a reload redirects to the same page')
  t.same(provider.granted, ['authorization_code'])
  t.ok(provider.hasGrant(ada))
  t.match(await visitor.json(`${url}/boards`), boardsOf(ada))

  await t.test('a client that exchanges a code twice loses the grant', async (t) => {
    const plain = new PlainClient(provider)
    const again = await toCallback({ account: grace }, new Visitor())
    t.equal((await plain.exchange(again)).status, 200)
    t.match(await plain.exchange(again), { status: 400, body: { error: 'invalid_grant' } })
    t.notOk(provider.hasGrant(grace))
  })
})

t.test('callback: a declined consent comes with state and iss, is shown, and spends no code', async (t) => {
  const { provider, visitor, toCallback, signIn } = await startForeignScene(t)
  const callback = await toCallback({ decision: 'decline' })
  t.match(Object.fromEntries(callback.searchParams), { error: 'access_denied', state: /^[\w-]{43}$/, iss: provider.url })
  const declined = await visitor.get(callback)
  t.equal(declined.status, 403)
  t.match(declined.text, 'MIRO_ACCESS_DENIED')
  t.notMatch(declined.text, 'The user said no', 'the provider\'s words are not shown')
  t.same([provider.granted, provider.refused], [[], []])
  t.equal((await signIn()).status, 303, 'trying again works')
})

t.test('callback: an invalid_scope of the provider ends on the failure page', async (t) => {
  const { provider, visitor, toCallback, signIn } = await startForeignScene(t)
  provider.app.scope = 'team:read'
  const callback = await toCallback()
  t.match(Object.fromEntries(callback.searchParams), { error: 'invalid_scope', state: /./, iss: provider.url })
  const refused = await visitor.get(callback)
  t.equal(refused.status, 502, 'the app is set up wrongly')
  t.match(refused.text, 'MIRO_CONFIG')
  t.same(provider.granted, [])
  provider.app.scope = 'boards:read boards:write'
  t.equal((await signIn()).status, 303)
})

t.test('scopes: the stored scopes are those that the provider granted, also after a refresh', async (t) => {
  const { url, provider, visitor, advance, signIn } = await startForeignScene(t)
  await signIn({ scopes: ['boards:read'] })
  const { grant: first } = await visitor.json(`${url}/me`) as { grant: { scopes: string[] } }
  t.same(first.scopes, ['boards:read'])
  advance(hour)
  t.match(await visitor.json(`${url}/boards`), boardsOf(ada))
  const { grant: later } = await visitor.json(`${url}/me`) as { grant: { scopes: string[] } }
  t.same(later.scopes, ['boards:read'])
  t.same(provider.granted, ['authorization_code', 'refresh_token'])
})

for (const token of ['valid', 'expired'] as const) {
  t.test(`disconnect: with an access token that is ${token}, the grant ends at the provider`, async (t) => {
    const { app, url, provider, visitor, advance, signIn } = await startForeignScene(t)
    await signIn()
    const { accessToken } = await visitor.json(`${url}/token`) as { accessToken: string }
    t.equal(await provider.statusOf(accessToken), 200)
    if (token === 'expired') advance(hour)
    t.same(await app.miro.auth.disconnect(ada), { ended: true, revoked: true })
    t.notOk(provider.hasGrant(ada))
    t.equal(await provider.statusOf(accessToken), 401)
    t.equal((await visitor.get(`${url}/boards`)).status, 303)
    t.same(provider.granted.slice(1), token === 'valid' ? [] : ['refresh_token'], 'an expired token is refreshed once to be revoked')
    t.equal((await signIn()).status, 303, 'connecting again works')
    t.match(await visitor.json(`${url}/boards`), boardsOf(ada))
  })
}

t.test('disconnect: the route ends the grant at the provider, and the session in the app', async (t) => {
  const { url, provider, visitor, signIn } = await startForeignScene(t)
  await signIn()
  t.equal((await visitor.post(`${url}/auth/miro/disconnect`)).status, 303)
  t.notOk(provider.hasGrant(ada))
  t.equal((await visitor.get(`${url}/boards`)).status, 303)
})

t.test('refresh: a grant that was revoked at the provider is refused once, until its user signs in', async (t) => {
  const { app, url, provider, visitor, advance, signIn } = await startForeignScene(t)
  await signIn()
  const { accessToken } = await visitor.json(`${url}/token`) as { accessToken: string }
  await new PlainClient(provider).revoke(accessToken)
  t.notOk(provider.hasGrant(ada))
  t.match(await visitor.json(`${url}/boards`), { code: 'MIRO_REAUTHORIZE' })
  t.match(await app.miro.auth.snapshot(ada), { grant: null, reauthorize: { reason: 'refused' } })
  for (let day = 0; day < 3; day++) {
    advance(24 * hour)
    t.match(await visitor.json(`${url}/boards`), { code: 'MIRO_REAUTHORIZE' })
  }
  t.same(provider.refused, ['invalid_grant: refresh token not found'])
  t.equal((await signIn()).status, 303)
  t.match(await visitor.json(`${url}/boards`), boardsOf(ada))
})

t.test('refresh: a wrong client secret costs no grant, and the right one serves all users again', async (t) => {
  const { app, url, provider, visitor, advance, another, signIn, toCallback } = await startForeignScene(t)
  const other = new Visitor()
  await signIn()
  await signIn({ account: grace }, other)
  const { clientSecret } = provider.app
  provider.app.clientSecret = 'changed-at-the-provider'
  advance(hour)

  t.match(await new PlainClient(provider).refresh('any', { clientSecret }), { status: 401, body: { error: 'invalid_client' } })
  await t.rejects(app.miro.auth.accessToken(ada), { code: 'MIRO_CONFIG' })
  t.match(await other.json(`${url}/boards`), { code: 'MIRO_UNAVAILABLE' })
  t.equal(provider.refused.length, 2, 'one refusal opens the circuit breaker for all grants')
  const refused = await other.get(await toCallback({ account: grace }, other))
  t.equal(refused.status, 502)
  t.match(refused.text, 'MIRO_CONFIG')
  for (const account of [ada, grace]) {
    t.match(await app.miro.auth.snapshot(account), {
      grant: account,
      reauthorize: null
    })
  }
  t.ok(provider.refused.every((why) => why.startsWith('invalid_client')))

  await t.test('in a process that was started with the new secret', async (t) => {
    advance(10_000)
    const token = await another({ clientSecret: 'changed-at-the-provider' }).accessToken(ada)
    t.equal(await provider.statusOf(token), 200)
  })

  await t.test('in the old process, when the old secret is valid again', async (t) => {
    provider.app.clientSecret = clientSecret
    advance(hour)
    t.match(await visitor.json(`${url}/boards`), boardsOf(ada))
    t.match(await other.json(`${url}/boards`), boardsOf(grace))
    t.equal((await signIn({ account: grace }, other)).status, 303)
  })
  for (const account of [ada, grace]) t.ok(provider.hasGrant(account))
})

t.test('callback: an exchange whose answer is lost is not sent again, and a new login works', async (t) => {
  const { url, provider, visitor, toCallback, signIn } = await startForeignScene(t)
  const callback = await toCallback()
  const gate = provider.gates.stopNext('after')
  const answer = visitor.get(callback)
  await gate.reached
  gate.cut()
  const failed = await answer
  t.equal(failed.status, 503)
  t.match(failed.text, 'MIRO_UNAVAILABLE')
  t.same(provider.granted, ['authorization_code'])
  t.equal((await signIn()).status, 303)
  t.match(await visitor.json(`${url}/boards`), boardsOf(ada))
})
