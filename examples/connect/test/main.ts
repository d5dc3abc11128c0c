import { startFailureLine, type Environment } from '@miro-oauth/example-shared'
import { signalTwice, standInLines, startProcess, Visitor } from '@miro-oauth/example-shared/testing'
import type { GrantRef } from '@miro-oauth/fastify'
import { freePort } from '@miro-oauth/test-servers'
import t from 'tap'
import { buildApp } from '../src/app.js'
import { readConfig } from '../src/config.js'
import { createDemoPeople } from '../src/people.js'
import { complete } from './fixtures/complete.js'

t.test('main: with the stand-in two teams are connected and one is removed, over sockets', async (t) => {
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const { child, output, ended, untilPrinted } = startProcess(t, { PORT: String(port) })
  await untilPrinted(/\n/)
  t.match(output.stdout, standInLines(port))

  const visitor = new Visitor(origin)
  t.equal((await visitor.get('/')).location, `${origin}/login`)
  t.match((await visitor.get('/login')).body, '<code>mia</code>')
  const mia = { login: 'mia', password: 'demo password' }
  t.equal((await visitor.post('/login', mia)).location, `${origin}/`)

  const [design, harbour] = await adaAtMiro(await visitor.goToMiro())
  t.equal((await visitor.connect(design)).location, `${origin}/`)
  t.equal((await visitor.connect(harbour)).location, `${origin}/`)
  const both = (await visitor.get('/')).body
  t.match(both, /<h2>Harbour Studio<\/h2>[^]*<h2>Acme Design<\/h2>/)
  t.match(both, '3 of 8 boards')
  t.match(both, '3 of 4 boards')

  const removed = await visitor.post(`/auth/miro/disconnect?user_id=${design.userId}&team_id=${design.teamId}`)
  t.equal(removed.location, `${origin}/`)
  const one = (await visitor.get('/')).body
  t.notMatch(one, 'Acme Design')
  t.match(one, /<h2>Harbour Studio<\/h2>[^]*3 of 4 boards/)

  t.equal((await visitor.post('/logout')).location, `${origin}/login`)
  await visitor.post('/login', { ...mia, login: 'tomas' })
  const theirs = (await visitor.get('/')).body
  t.match(theirs, 'Tomás Rivera')
  t.match(theirs, 'No team is connected yet.')

  await signalTwice(child, 'SIGINT', port)
  t.equal(await ended, 0)
  t.equal(output.stderr, '')
})

t.test('config: each wrong variable stops the start with one line that names it and does not show it', async (t) => {
  const cases: Array<[changes: Environment, line: string | null]> = [
    [{}, null],
    [{ SESSION_SECRET: undefined }, 'SESSION_SECRET is missing, while MIRO_CLIENT_ID is set.'],
    [{ SESSION_SECRET: 'planted' }, 'SESSION_SECRET must have at least 32 characters.'],
    [{ DEMO_PASSWORD: '' }, 'DEMO_PASSWORD is missing, while MIRO_CLIENT_ID is set.'],
    [{ DEMO_PASSWORD: 'planted' }, 'DEMO_PASSWORD must have at least 12 characters.'],
    [{ COOKIE_SECRET: undefined }, 'COOKIE_SECRET is missing, while MIRO_CLIENT_ID is set.'],
    [{ COOKIE_SECRET: 'planted' }, 'COOKIE_SECRET must have at least 32 characters.'],
    [{ MIRO_CLIENT_ID: undefined }, 'MIRO_CLIENT_ID is missing, while MIRO_CLIENT_SECRET is set.'],
    [{ MIRO_REDIRECT_URI: 'planted' }, 'MIRO_REDIRECT_URI must be an absolute URL.'],
    [{ PORT: 'planted' }, 'PORT must be a number from 1 to 65535.']
  ]
  for (const [changes, line] of cases) t.equal(await startLine({ ...complete, ...changes }), line)
})

t.test('config: without variables the stand-in is used, and each start has new secrets', async (t) => {
  const [one, other] = [readConfig({ MIRO_CLIENT_ID: '' }), readConfig({})]
  t.match(one, { host: 'localhost', port: 3000, miro: null, demoPassword: 'demo password' })
  t.not(one.sessionSecret, other.sessionSecret)
  t.not(one.cookieSecret, other.cookieSecret)
  t.ok(one.sessionSecret.length >= 32)
})

/**
 * Starts with this environment as far as it goes without a network.
 *
 * @returns the line that a failed start prints, else `null`
 */
async function startLine (environment: Environment): Promise<string | null> {
  try {
    const { miro, sessionSecret } = readConfig(environment)
    if (miro === null) return null
    const app = await buildApp({ miro, sessionSecret, people: await createDemoPeople('', { N: 2 }) })
    await app.close()
    return null
  } catch (error) {
    return startFailureLine(error)
  }
}

/** The first person on Miro's authorize page, in both of their teams. */
async function adaAtMiro (authorizePage: string): Promise<[design: GrantRef, harbour: GrantRef]> {
  const page = await (await fetch(authorizePage)).text()
  const memberships = page.matchAll(/name="membership" value="(\d+)\/(\d+)"/g)
  const refs = Array.from(memberships, ([, userId = '', teamId = '']) => ({ userId, teamId }))
  const [design, harbour] = refs.filter(({ userId }) => userId === refs[0]?.userId)
  if (design === undefined || harbour === undefined) {
    throw new Error('The first person on Miro\'s page is not in two teams.')
  }
  return [design, harbour]
}
