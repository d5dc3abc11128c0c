import { signalTwice, standInLines, startProcess, Visitor } from '@miro-oauth/example-shared/testing'
import type { GrantRef } from '@miro-oauth/fastify'
import { freePort } from '@miro-oauth/test-servers'
import t from 'tap'
import { complete } from '../fixtures/complete.js'

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
  t.equal((await visitor.post('/login', mia)).location, `${origin}/login/done`)

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

t.test('main: with a Miro app it shows no password, redirects to Miro and logs requests', async (t) => {
  const port = await freePort()
  const redirectUri = `http://localhost:${port}/auth/miro/callback`
  const env = { ...complete, MIRO_REDIRECT_URI: redirectUri, PORT: String(port) }
  const { child, output, ended, untilPrinted } = startProcess(t, env)
  await untilPrinted(new RegExp(`^Listening on localhost:${port}\\. Open http://localhost:${port}$`, 'm'))
  const visitor = new Visitor(`http://localhost:${port}`)
  t.notMatch((await visitor.get('/login')).body, /planted|<code>/)
  t.equal((await visitor.post('/login', { login: 'mia', password: 'demo password' })).status, 401)
  t.equal((await visitor.post('/login', { login: 'mia', password: complete.DEMO_PASSWORD })).status, 303)
  t.match(await visitor.goToMiro(), /^https:\/\/miro\.com\/oauth\/authorize\?/)
  child.kill('SIGTERM')
  t.equal(await ended, 0)
  t.match(output.stdout, '"url":"/login"')
  t.notMatch(output.stdout, 'planted')
})

t.test('main: a failed start prints one line and ends with 1', async (t) => {
  const { ended, output } = startProcess(t, { SESSION_SECRET: 'planted' })
  t.equal(await ended, 1)
  t.same(output, { stdout: '', stderr: 'SESSION_SECRET must have at least 32 characters.\n' })
})

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
