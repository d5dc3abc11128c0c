import t from 'tap'
import type { FastifyMiroOptions } from '../src/index.js'
import { signInAs } from '../src/testing/index.js'
import { createWorld, members, type World } from './fixtures/world.js'

const { adaAtAcme, adaAtHarbour, graceAtAcme } = members
const urlOf = ({ userId, teamId }: typeof adaAtAcme): string => `/auth/miro/disconnect?user_id=${userId}&team_id=${teamId}`
const userOf: FastifyMiroOptions['appUserId'] = ({ headers }) => String(headers['x-user'])

/** Makes Miro keep the first revocation waiting until `release` is called. */
function slowRevocation ({ emulator }: World): { asked: Promise<unknown>, release: () => void } {
  let release = (): void => {}
  const until = new Promise<void>((resolve) => { release = resolve })
  const { hit } = emulator.faults.add({ on: 'revoke', do: 'delay', until })
  return { asked: hit, release }
}

for (const [name, options, headers] of [
  ['in sign-in mode', {}, {}], ['with users of the app', { appUserId: userOf }, { 'x-user': 'ann' }]
] as const) {
  t.test(`disconnect: the second click of a double click is answered as the first would have been, ${name}`, async (t) => {
    const hooks: string[] = []
    const onDisconnected = ({ ref }: { ref: typeof adaAtAcme }): void => { hooks.push(ref.teamId) }
    const world = await createWorld(t, { ...options, hooks: { onDisconnected } })
    for (const url of ['/auth/miro/disconnect', urlOf(adaAtAcme)]) {
      const person = world.browser()
      const cookies = await signInAs(world.app, { ...adaAtAcme, ...'x-user' in headers && { appUserId: 'ann' } })
      for (const [name, value] of Object.entries(cookies)) person.cookies.set(name, value)
      const { asked, release } = slowRevocation(world)
      const first = person.submit(url, headers)
      await asked
      const second = person.submit(url, headers)
      release()
      for (const answer of await Promise.all([first, second])) {
        t.equal(answer.statusCode, 303, url)
        t.equal(answer.headers.location, '/')
      }
      t.same(person.named('session'), [])
      t.same(hooks.splice(0), [adaAtAcme.teamId], 'it ended once')
      t.match((await person.submit(url, headers)).body, 'MIRO_NOT_CONNECTED', 'a click afterwards is no double click')
    }
  })
}

t.test('disconnect: the answer to a second click takes the cookies, which the browser had from no answer to the first', async (t) => {
  const world = await createWorld(t)
  const cookies = await signInAs(world.app, adaAtAcme)
  const [first, second] = [world.browser(), world.browser()]
  for (const [name, value] of Object.entries(cookies)) for (const one of [first, second]) one.cookies.set(name, value)
  const { asked, release } = slowRevocation(world)
  const dropped = first.submit('/auth/miro/disconnect')
  await asked
  const shown = second.submit('/auth/miro/disconnect')
  release()
  await dropped
  t.equal((await shown).headers['clear-site-data'], '"cache"')
  t.same(second.named('session'), [])
})

t.test('disconnect: only the same request of the same sender waits for the first', async (t) => {
  const world = await createWorld(t, { appUserId: userOf })
  for (const ref of [adaAtAcme, adaAtHarbour]) await signInAs(world.app, { ...ref, appUserId: 'ann' })
  await signInAs(world.app, { ...graceAtAcme, appUserId: 'bob' })
  const { asked, release } = slowRevocation(world)
  const slow = world.browser().submit(urlOf(adaAtAcme), { 'x-user': 'ann' })
  await asked
  const other = await world.browser().submit(urlOf(adaAtHarbour), { 'x-user': 'ann' })
  t.equal(other.statusCode, 303, 'another team of the same user does not wait')
  const stranger = await world.browser().submit(urlOf(adaAtAcme), { 'x-user': 'bob' })
  t.equal(stranger.statusCode, 401, 'another user is told that this team is not theirs')
  release()
  t.equal((await slow).statusCode, 303)
})
