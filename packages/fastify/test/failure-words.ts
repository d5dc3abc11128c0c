import t, { type Test } from 'tap'
import * as errors from '../src/index.js'
import { MiroError, type FastifyMiroOptions } from '../src/index.js'
import { sentenceOf, titleOf } from '../src/routes/failure-words.js'
import { signInAs } from '../src/testing/index.js'
import { createWorld, members, toCallback, type World } from './fixtures/world.js'

const { adaAtAcme } = members

/** An app whose log is kept. */
async function createLoggedWorld (t: Test, options: Partial<FastifyMiroOptions>): Promise<World & { lines: string[] }> {
  const lines: string[] = []
  return {
    ...await createWorld(t, options, {
      logger: {
        stream: {
          write: (
            line: string
          ) => { lines.push(line) }
        }
      }
    }),
    lines
  }
}

t.test('failure page: no sentence is made for developers, and connect mode does not speak of signing in with Miro', async (t) => {
  const all = Object.values(errors).flatMap((Class: unknown): MiroError[] => {
    if (Class === MiroError || typeof Class !== 'function' || !(Class.prototype instanceof MiroError)) return []
    return [Reflect.construct(Class, Class === errors.ApiError ? [404] : ['refused']) as MiroError]
  })
  t.ok(all.length > 20)
  for (const error of all) {
    for (const action of ['connect Miro', 'sign in with Miro']) {
      const sentence = sentenceOf(error, action)
      t.match(sentence, /^[A-Z].*\.$/)
      t.notMatch(sentence, /cause|client|secret|redirect|SameSite|store|endpoint|token|scope|state|callback|parameter|grant\b|plugin|code/i, error.code)
      if (action === 'connect Miro') t.notMatch(sentence, /sign in with Miro/i, error.code)
      if (error.statusCode >= 500) t.equal(sentence, 'Something went wrong on our side. Try again in a minute.')
    }
  }
  for (const route of ['login', 'callback', 'disconnect'] as const) t.notMatch(titleOf(route, 'MIRO_STORE', 'Connecting to Miro did not work'), /sign/i)
})

t.test('failure page: it speaks to people, and the developer\'s sentence is in the JSON and the log', async (t) => {
  const down = { get: async () => { throw new Error('planted') }, cas: async () => { throw new Error('planted') } }
  for (const appUserId of [undefined, () => 'ann']) {
    const { browser, lines } = await createLoggedWorld(t, { store: down, appUserId })
    const person = browser()
    const callback = await toCallback(person)
    const page = await person.go(callback)
    t.equal(page.statusCode, 503)
    t.match(page.body, '<p>Something went wrong on our side. Try again in a minute.</p>')
    t.match(page.body, appUserId === undefined ? '<h1>Signing in with Miro did not work</h1>' : '<h1>Connecting to Miro did not work</h1>')
    t.notMatch(page.body, /cause|planted/)
    t.match((await person.call(callback)).json(), { code: 'MIRO_STORE', message: /the cause says why/ })
    t.match(lines.join(''), 'the cause says why')
  }
})

t.test('failure page: a failed logout or disconnect leads back to the app, and to no login', async (t) => {
  const { browser } = await createWorld(t, { afterLogout: '/bye?a=1&b=2' })
  const person = browser()
  const links = (page: string): string[] => Array.from(page.matchAll(/<a href="[^"]*">[^<]*/g), ([link]) => link)
  const back = ['<a href="/bye?a=1&amp;b=2">Back to the app']
  for (const path of ['/auth/miro/logout', '/auth/miro/disconnect']) {
    t.same(links((await person.submit(path, { 'sec-fetch-site': 'cross-site' })).body), back, path)
  }
  const { body } = await person.submit('/auth/miro/disconnect')
  t.match(body, '<p>There is nothing to disconnect.</p>')
  t.same(links(body), back)
  t.same(links((await person.go('/auth/miro/callback')).body), ['<a href="/auth/miro/login">Try again'])
})

t.test('failure page: a method that a route does not have is told to a person, with a way back, and to no other client', async (t) => {
  const { browser } = await createWorld(t)
  const person = browser()
  for (const path of ['/auth/miro/logout', '/auth/miro/disconnect']) {
    const page = await person.go(path)
    t.equal(page.statusCode, 405)
    t.equal(page.headers.allow, 'POST')
    t.match(page.body, /<h1>Nothing was changed<\/h1>.*<a href="\/">Back to the app<\/a>/s)
    t.match(page.headers['content-security-policy'], /default-src 'none'; style-src 'sha256-.+form-action 'none'/)
    t.equal((await person.call(path)).body, '')
    t.equal((await person.send({ method: 'HEAD', url: path, headers: { accept: 'text/html' } })).body, '')
  }
  t.match((await person.submit('/auth/miro/login')).body, '<a href="/auth/miro/login">Try again</a>')
})

t.test('MIRO_NO_APP_USER: only a callback can have lost a cookie by SameSite', async (t) => {
  let user: string | null = null
  const { browser } = await createWorld(t, { appUserId: () => user })
  const person = browser()
  for (const path of ['/auth/miro/login', '/boards', '/me', '/bare', '/token']) {
    const { code, message } = (await person.call(path)).json()
    t.equal(code, 'MIRO_NO_APP_USER', path)
    t.notMatch(message, /SameSite|Miro/, path)
  }
  t.notMatch((await person.send({ method: 'POST', url: '/auth/miro/disconnect', headers: { origin: 'http://localhost:3000' } })).json().message, /SameSite/)
  user = 'ann'
  const callback = await toCallback(person)
  user = null
  t.match((await person.call(callback)).json(), { code: 'MIRO_NO_APP_USER', message: /SameSite=Lax/ })
  t.match((await person.go(callback)).body, '<p>You are not signed in to this app. Sign in here first, and then connect Miro.</p>')
})

t.test('errors: what appUserId throws is the app\'s failure, with its error as the cause, and not Miro\'s slowness', async (t) => {
  const noError: unknown = 'planted words of the app'
  const thrown: Array<() => string | Promise<string>> = [
    () => { throw new Error('planted words of the app') },
    async () => { throw new TypeError('planted words of the app') },
    async () => Promise.reject(noError),
    async () => Promise.reject(Object.assign(new Error('planted words of the app'), { statusCode: 401 }))
  ]
  for (const appUserId of thrown) {
    const { browser, lines } = await createLoggedWorld(t, { appUserId })
    const person = browser()
    for (const path of ['/auth/miro/login', '/boards', '/bare']) {
      const answer = await person.call(path)
      t.match(answer.json(), { code: 'MIRO_APP_FUNCTION', message: /^The app's function appUserId failed/ }, path)
      t.equal(answer.statusCode, 503)
      t.notMatch(answer.body, /planted|Miro gave/)
      t.match(lines.splice(0).join(''), 'planted words of the app', 'the log has the cause')
    }
    const posted = await person.submit('/auth/miro/disconnect')
    t.equal(posted.statusCode, 503)
    t.match(posted.body, '<p>Something went wrong on our side. Try again in a minute.</p>')
  }
})

t.test('errors: what grant throws is the app\'s failure too; an error of ours passes as it is', async (t) => {
  let failure: Error = new Error('planted')
  const { app, browser } = await createWorld(t, { appUserId: () => 'ann', grant: () => { throw failure } })
  await signInAs(app, { ...adaAtAcme, appUserId: 'ann' })
  t.match((await browser().call('/bare')).json(), { code: 'MIRO_APP_FUNCTION', message: /function grant failed/ })
  t.match((await browser().submit('/auth/miro/disconnect', { accept: 'application/json' })).json(), { code: 'MIRO_APP_FUNCTION' })
  failure = new errors.NotConnectedError()
  t.match((await browser().call('/bare')).json(), { code: 'MIRO_NOT_CONNECTED' })
})
