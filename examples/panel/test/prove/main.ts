import { signalTwice, standInLines, startProcess, Visitor } from '@miro-oauth/example-shared/testing'
import { freePort } from '@miro-oauth/test-servers'
import t from 'tap'
import { forMiro } from '../fixtures/for-miro.js'

t.test('main: with the stand-in it names a board on another site, which frames the app', async (t) => {
  const port = await freePort()
  const { child, output, ended, untilPrinted } = startProcess(t, { PORT: String(port) })
  await untilPrinted(/\n/)
  const miro = 'http://127.0.0.1'
  t.match(output.stdout, standInLines(port, { miro, open: `${miro}:\\d+/app/board/uXjVOD6LSME=` }))
  const [board = ''] = /http:\S+\/app\/board\/\S+/.exec(output.stdout) ?? []
  const answer = await fetch(board)
  t.equal(answer.status, 200)
  t.match(answer.headers.get('content-security-policy'), `frame-src http://localhost:${port};`)
  const panel = await new Visitor(`http://localhost:${port}`).get('/board')
  t.match(panel.headers['content-security-policy'], `frame-ancestors ${new URL(board).origin}`)

  const [, template = ''] = /appTemplate=(\S+)/.exec(output.stdout) ?? []
  const origin = `http://localhost:${port}`
  t.same(JSON.parse(decodeURIComponent(template)), {
    appName: 'Example panel',
    sdkUri: `${origin}/board`,
    redirectUris: [`${origin}/auth/miro/callback`, `${origin}/auth/miro/install`],
    scopes: ['boards:read', 'boards:write']
  })
  await signalTwice(child, 'SIGINT', port)
  t.equal(await ended, 0)
  t.equal(output.stderr, '')
})

t.test('main: with a Miro app it loads Miro\'s SDK, lets Miro frame it, and logs requests', async (t) => {
  const port = await freePort()
  const env = { ...forMiro, MIRO_REDIRECT_URI: `http://localhost:${port}/auth/miro/callback`, PORT: String(port) }
  const { child, output, ended, untilPrinted } = startProcess(t, env)
  await untilPrinted(new RegExp(`^Listening on localhost:${port}\\. Open http://localhost:${port}$`, 'm'))
  const { headers, body } = await new Visitor(`http://localhost:${port}`).get('/panel')
  t.match(body, '<script src="https://miro.com/app/static/sdk/v2/miro.js">')
  t.match(headers['content-security-policy'], 'frame-ancestors https://miro.com https://*.miro.com')
  child.kill('SIGTERM')
  t.equal(await ended, 0)
  t.match(output.stdout, '"url":"/panel"')
  t.notMatch(output.stdout, 'planted')
})

t.test('main: a failed start prints one line and ends with 1', async (t) => {
  const { ended, output } = startProcess(t, { ...forMiro, MIRO_REDIRECT_URI: '' })
  t.equal(await ended, 1)
  t.same(output, { stdout: '', stderr: 'MIRO_REDIRECT_URI is missing, while MIRO_CLIENT_ID is set.\n' })
})
