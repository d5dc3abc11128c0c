import t, { type Test } from 'tap'
import { memoryStore, type FastifyMiroOptions, type Store } from '../src/index.js'
import { createWorld, members, signIn, type World } from './fixtures/world.js'

const { adaAtAcme } = members

/** An app for which Miro tells names only once `release` is called. */
async function createHeldWorld (t: Test, options: Partial<FastifyMiroOptions> = {}): Promise<World & {
  release: (answer?: Response) => void
  questions: () => number
}> {
  let release = (_answer?: Response): void => {}
  const held = new Promise<Response | undefined>((resolve) => { release = resolve })
  let questions = 0
  const world = await createWorld(t, {
    fetch: async (url, init) => {
      if (!url.endsWith('/v1/oauth-token')) return fetch(url, init)
      questions++
      return await held ?? fetch(url, init)
    },
    ...options
  })
  return { ...world, release: (answer) => release(answer), questions: () => questions }
}

t.test('names: the redirect does not wait for them, and the page that follows does', async (t) => {
  const { browser, release, questions } = await createHeldWorld(t)
  const person = browser()
  t.equal((await signIn(person, undefined, { as: adaAtAcme })).statusCode, 303)
  t.equal(questions(), 1)
  const pages = [person.call('/me'), person.call('/me')]
  release()
  for (const page of await Promise.all(pages)) t.match(page.json(), { ...adaAtAcme, userName: 'Ada Lovelace', teamName: String })
  t.match((await person.call('/me')).json(), { userName: 'Ada Lovelace' }, 'and they are stored')
  t.equal(questions(), 1)
})

t.test('names: Miro is asked once all of a sign-in is stored, and not for a grant that is refused', async (t) => {
  const order: string[] = []
  const inner = memoryStore()
  const store: Store = {
    ...inner,
    cas (key, version, entry) {
      order.push(version === null ? 'insert' : 'update')
      return inner.cas(key, version, entry)
    }
  }
  const asking: FastifyMiroOptions['fetch'] = async (url, init) => {
    if (url.endsWith('/v1/oauth-token')) order.push('question')
    return fetch(url, init)
  }
  const { browser } = await createWorld(t, { store, fetch: asking })
  const person = browser()
  await signIn(person, undefined, { as: adaAtAcme })
  t.match((await person.call('/me')).json(), { userName: 'Ada Lovelace' })
  t.strictSame(order.slice(order.indexOf('question')), ['question', 'update'], 'the names are all that is stored after it')

  const refusing = await createWorld(t, { fetch: asking, requiredScopes: ['a:scope'] })
  order.length = 0
  t.match((await signIn(refusing.browser(), undefined, { as: adaAtAcme })).body, 'MIRO_SCOPE_MISSING')
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.strictSame(order, [])
})

t.test('names: where Miro does not tell them, pages have none, and ask no more', async (t) => {
  const { browser, release, questions } = await createHeldWorld(t)
  const person = browser()
  await signIn(person, undefined, { as: adaAtAcme })
  release(new Response('', { status: 500 }))
  for (let page = 0; page < 2; page++) t.notOk('userName' in (await person.call('/me')).json())
  t.equal(questions(), 1)
})

t.test('names: a page waits two seconds at most, also where the store hangs on the write of the names', async (t) => {
  const inner = memoryStore()
  let noteHanging = (): void => {}
  let release = (): void => {}
  const hanging = new Promise<void>((resolve) => { noteHanging = resolve })
  const held = new Promise<void>((resolve) => { release = resolve })
  const store: Store = {
    get: (key) => inner.get(key),
    async cas (key, version, entry) {
      if (entry?.body.includes('Ada Lovelace') === true) {
        noteHanging()
        await held
      }
      return inner.cas(key, version, entry)
    }
  }
  const { browser, emulator } = await createWorld(t, { store })
  const person = browser()
  await signIn(person, undefined, { as: adaAtAcme })
  await hanging
  const page = person.call('/me')
  // The page reads the session first, and begins to wait then.
  await new Promise((resolve) => setTimeout(resolve, 50))
  emulator.clock.advance(2000)
  const first = await Promise.race([page, new Promise<null>((resolve) => setTimeout(resolve, 2000, null))])
  t.equal(first?.statusCode, 200)
  t.notOk(first === null || 'userName' in first.json())
  release()
})

t.test('names: admit and onConnected get them, and the redirect waits for these', async (t) => {
  const names: unknown[] = []
  for (const options of [
    { admit: ({ grant }) => { names.push(grant.userName); return true } },
    { hooks: { onConnected: ({ grant }) => { names.push(grant.userName) } } }
  ] satisfies Array<Partial<FastifyMiroOptions>>) {
    const { browser } = await createWorld(t, options)
    t.equal((await signIn(browser(), undefined, { as: adaAtAcme })).statusCode, 303)
  }
  t.strictSame(names, ['Ada Lovelace', 'Ada Lovelace'])
})

t.test('names: close waits for the question, and stores what comes', async (t) => {
  const { app, browser, release } = await createHeldWorld(t)
  await signIn(browser(), undefined, { as: adaAtAcme })
  let isClosed = false
  const closing = app.close().then(() => { isClosed = true })
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.notOk(isClosed)
  release()
  await closing
  t.match((await app.miro.auth.snapshot(adaAtAcme)).grant, { userName: 'Ada Lovelace' })
})
