import t from 'tap'
import type { MiroAuth } from '../src/index.js'
import { createWorld, ref } from './fixtures/fake-miro.js'

const redirectUri = 'https://app.test/auth/miro/callback'
const hour = 3_600_000

function createFlows () {
  const world = createWorld()
  world.miro.answer = ({ form }) => form.get('grant_type') === 'authorization_code' ? new Response(world.miro.issue()) : undefined
  const exchange = (auth: MiroAuth, provisional = true) => auth.exchange('a code', { redirectUri, provisional })
  return { ...world, auth: world.process(), exchange }
}

t.test('provisional: a grant is so from its exchange until it is linked or confirmed', async (t) => {
  for (const letIn of ['link', 'confirm'] as const) {
    const { auth, exchange } = createFlows()
    const connection = await exchange(auth)
    t.equal((await auth.snapshot(ref)).isProvisional, true)
    const done = letIn === 'link' ? await auth.link('ada', connection) : await auth.confirm(connection)
    t.equal(done, true)
    t.equal((await auth.snapshot(ref)).isProvisional, false)
    t.equal((await auth.snapshot(ref)).consentId, connection.consentId)
    t.equal(await auth.confirm(connection), true, 'again')
  }
})

t.test('provisional: a grant that is active and not provisional stays so, and so does one that was exchanged without it', async (t) => {
  const { auth, exchange } = createFlows()
  t.equal((await exchange(auth, false)).replaced, false)
  t.equal((await auth.snapshot(ref)).isProvisional, false)
  t.equal((await exchange(auth)).replaced, true)
  t.equal((await auth.snapshot(ref)).isProvisional, false)
})

t.test('provisional: over a provisional grant the consent is kept, so that each of two flows at once can let its person in', async (t) => {
  const { auth, exchange } = createFlows()
  const [first, second] = [await exchange(auth), await exchange(auth)]
  t.equal(second.consentId, first.consentId)
  t.equal(second.replaced, false)
  t.equal((await auth.snapshot(ref)).isProvisional, true)
  t.equal(await auth.link('ada', first), true)
  t.equal(await auth.link('ada', second), true)
  t.equal((await auth.snapshot(ref)).isProvisional, false)
})

t.test('provisional: of two flows at once that are refused, the later one ends the grant', async (t) => {
  const { auth, exchange } = createFlows()
  const [first, second] = [await exchange(auth), await exchange(auth)]
  const end = ({ consentId, epoch }: typeof first) => auth.disconnect(ref, { consentId, epoch, only: 'provisional' })
  t.same([(await end(first)).ended, (await end(second)).ended], [false, true])
})

t.test('provisional: a flow that is refused does not end a grant that another one let its person in with', async (t) => {
  const { auth, exchange } = createFlows()
  const [first, second] = [await exchange(auth), await exchange(auth)]
  await auth.link('ada', first)
  const { consentId, epoch } = second
  t.equal((await auth.disconnect(ref, { consentId, epoch, only: 'provisional' })).ended, false)
  t.match(await auth.grants('ada'), [ref])
})

t.test('provisional: a grant stays so over a refresh, and over a refusal of Miro\'s', async (t) => {
  const { auth, exchange, clock, miro } = createFlows()
  await exchange(auth)
  await clock.advance(hour)
  await auth.accessToken(ref)
  t.equal((await auth.snapshot(ref)).isProvisional, true)
  miro.answer = () => new Response(JSON.stringify({ error: 'invalid_grant' }), { status: 400 })
  await clock.advance(hour)
  await t.rejects(auth.accessToken(ref), { code: 'MIRO_REAUTHORIZE' })
  t.equal((await auth.snapshot(ref)).isProvisional, true)
})

t.test('confirm: a grant that has ended, or that was connected anew since, is not confirmed', async (t) => {
  const { auth, exchange } = createFlows()
  const connection = await exchange(auth)
  await auth.disconnect(ref)
  t.equal(await auth.confirm(connection), false)
  await exchange(auth)
  t.equal(await auth.confirm(connection), false)
  t.equal((await auth.snapshot(ref)).isProvisional, true)
})

t.test('disconnect: only unlinked ends a grant that no app user is linked to, and no other', async (t) => {
  const { auth, exchange } = createFlows()
  const connection = await exchange(auth)
  await auth.link('ada', connection)
  t.equal((await auth.disconnect(ref, { only: 'unlinked' })).ended, false)
  await auth.unlink('ada', ref)
  await auth.confirm(await exchange(auth))
  t.equal((await auth.disconnect(ref, { only: 'unlinked' })).ended, true)
})
