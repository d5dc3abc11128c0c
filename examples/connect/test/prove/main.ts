import { startProcess, Visitor } from '@miro-oauth/example-shared/testing'
import { freePort } from '@miro-oauth/test-servers'
import t from 'tap'
import { complete } from '../fixtures/complete.js'

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
