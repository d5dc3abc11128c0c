import t from 'tap'
import { locationOf } from './fixtures/browser.js'
import { authorize, createWorld, members } from './fixtures/world.js'

// A person who goes back to Miro's page after a sign-in, since they chose the wrong team there.
const { adaAtAcme, adaAtHarbour } = members

for (const [name, options] of [
  ['is signed in', {}],
  ['has connected it', { appUserId: () => 'ann' }],
  ['was not admitted', { admit: ({ grant }: { grant: { teamId: string } }) => grant.teamId === adaAtHarbour.teamId }]
] as const) {
  t.test(`callback: a person who ${name}, goes back and chooses another team begins anew`, async (t) => {
    const { browser, tokenRequests, app } = await createWorld(t, options)
    const person = browser()
    const miro = locationOf(await person.go('/auth/miro/login?returnTo=/boards%3Fpage%3D2'))
    const [first, second] = [await authorize(miro, { as: adaAtAcme }), await authorize(miro, { as: adaAtHarbour })]
    await person.go(first.pathname + first.search)
    const again = await person.go(second.pathname + second.search)
    t.equal(again.statusCode, 303)
    const login = locationOf(again)
    t.equal(login.pathname, '/auth/miro/login')
    t.same(Object.fromEntries(login.searchParams), { returnTo: 'http://localhost:3000/boards?page=2' })
    t.equal(tokenRequests(), 1, 'no code is exchanged under a state that is spent')
    const callback = await authorize(locationOf(await person.go(login.pathname + login.search)), { as: adaAtHarbour })
    const landing = await person.go(callback.pathname + callback.search)
    t.equal(landing.headers.location, 'http://localhost:3000/boards?page=2')
    t.match(await app.miro.auth.snapshot(adaAtHarbour), { grant: adaAtHarbour })
  })
}

t.test('callback: a second code of the same team, as a double click sends, leads where the first one went', async (t) => {
  const { browser, tokenRequests } = await createWorld(t)
  const person = browser()
  const miro = locationOf(await person.go('/auth/miro/login?returnTo=/boards'))
  for (let click = 0; click < 2; click++) {
    const { pathname, search } = await authorize(miro, { as: adaAtAcme })
    t.equal((await person.go(pathname + search)).headers.location, 'http://localhost:3000/boards')
  }
  t.equal(tokenRequests(), 1)
})

t.test('connect: in a panel\'s window another team on the way back begins the window anew', async (t) => {
  const { browser } = await createWorld(t, { panel: true })
  const window = browser()
  const connectUrl = `/auth/miro/connect?team_id=${adaAtHarbour.teamId}`
  const miro = locationOf(await window.go(connectUrl))
  const [first, second] = [await authorize(miro, { as: adaAtAcme }), await authorize(miro, { as: adaAtHarbour })]
  await window.go(first.pathname + first.search)
  const again = await window.go(second.pathname + second.search)
  t.equal(again.headers.location, `http://localhost:3000${connectUrl}`)
  t.equal(again.headers['cross-origin-opener-policy'], 'unsafe-none', 'the panel keeps the window')
})
