import t from 'tap'
import { linkPackages, ownFolder, run } from './fixtures/own-folder.js'
import { filesOf } from './fixtures/pages.js'

const env = { MIRO_CLIENT_ID: '1', MIRO_CLIENT_SECRET: '2', COOKIE_SECRET: 'a secret of the tests, and of nothing else' }

const main = `const { buildApp, signInAs } = require('./app.cjs')
buildApp().then(async (app) => {
  const cookies = await signInAs(app, { userId: '1', teamId: '2', scopes: [] })
  console.log((await app.inject({ url: '/me', cookies })).statusCode)
})`

t.test('commonjs: the app of the page runs by require() without a warning, and where Node has none it is told', async (t) => {
  const folder = ownFolder(t, { 'app.cjs': filesOf('commonjs.md').get('app.cjs') ?? '', 'main.cjs': main })
  linkPackages(folder, ['@miro-oauth/fastify', 'fastify'])
  t.same(await run(process.execPath, ['main.cjs'], { cwd: folder, env }), { status: 0, output: '200\n' })
  if (!process.allowedNodeEnvironmentFlags.has('--experimental-require-module')) return
  const without = await run(process.execPath, ['--no-experimental-require-module', 'main.cjs'], { cwd: folder, env })
  t.match(without, { status: 1, output: 'ERR_REQUIRE_ESM' })
})
