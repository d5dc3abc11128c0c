import t from 'tap'
import { locationOf, type Browser } from './fixtures/browser.js'
import { authorize, createWorld, members, toCallback } from './fixtures/world.js'

const { adaAtAcme } = members
const login = '/auth/miro/login?returnTo=/boards%3Fpage%3D2'
const landing = 'http://localhost:3000/boards?page=2'

/** Follows the link of the page, agrees at Miro, and returns where the callback leads. */
async function tryAgain (person: Browser, page: string): Promise<string> {
  const [, href = ''] = /<a href="([^"]*)">Try again/.exec(page) ?? []
  const { pathname, search } = await authorize(locationOf(await person.go(href)), { as: adaAtAcme })
  return String((await person.go(pathname + search)).headers.location)
}

t.test('try again: after a failure the sign-in leads where the person was going, and the page names no address', async (t) => {
  const { browser, emulator } = await createWorld(t)
  const declined = browser()
  const late = browser()
  const callback = await toCallback(late, login)
  emulator.clock.advance(660_000)
  for (const [person, code, path] of [
    [declined, 'MIRO_ACCESS_DENIED', await toCallback(declined, login, { decision: 'decline' })],
    [late, 'MIRO_CALLBACK_STATE_EXPIRED', callback]
  ] as const) {
    const { body } = await person.go(path)
    t.match(body, code)
    t.notMatch(body, 'boards')
    t.equal(await tryAgain(person, body), landing, code)
    t.same(person.named('result'), [], 'it is used once')
  }
})

t.test('try again: without a flow of this browser, or after another user\'s, it leads to the default page', async (t) => {
  const strange = await createWorld(t)
  const person = strange.browser()
  const unknown = await person.go('/auth/miro/callback?code=1&state=2')
  t.match(unknown.body, '<a href="/auth/miro/login">Try again</a>')

  let user = 'ann'
  const { browser } = await createWorld(t, { appUserId: () => user })
  const shared = browser()
  const callback = await toCallback(shared, login)
  user = 'bob'
  const mismatch = await shared.go(callback)
  t.match(mismatch.body, 'MIRO_CALLBACK_USER_MISMATCH')
  t.equal(await tryAgain(shared, mismatch.body), 'http://localhost:3000/')
})

t.test('try again: the address is left out of a browser whose cookies are many, and where it is long', async (t) => {
  const { browser } = await createWorld(t)
  for (const [address, cookie] of [['/boards', 'x'.repeat(3000)], [`/${'a'.repeat(500)}`, '']] as const) {
    const person = browser()
    const path = await toCallback(person, `/auth/miro/login?returnTo=${address}`, { decision: 'decline' })
    person.cookies.set('host', cookie)
    t.match((await person.go(path)).body, '<a href="/auth/miro/login">Try again</a>')
  }
})

t.test('try again: a login that says where it leads goes there, whatever failed before', async (t) => {
  const { browser } = await createWorld(t)
  const person = browser()
  await person.go(await toCallback(person, login, { decision: 'decline' }))
  const callback = await toCallback(person, '/auth/miro/login?again=1&returnTo=/token', { as: adaAtAcme })
  t.equal((await person.go(callback)).headers.location, 'http://localhost:3000/token')
  t.equal((await person.go(await toCallback(person, '/auth/miro/login?again=1'))).headers.location, 'http://localhost:3000/')
})
