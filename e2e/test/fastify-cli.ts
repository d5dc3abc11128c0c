import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { createRequire } from 'node:module'
import { signInAs } from '@miro-oauth/fastify/testing'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { filesOf } from './fixtures/pages.js'

type Build = (given: string[], options?: Record<string, unknown>) => Promise<FastifyInstance>

const { build } = createRequire(import.meta.url)('fastify-cli/helper.js') as { build: Build }

const ada = { userId: '3458764520000000003', teamId: '3458764530000000003', scopes: ['boards:read'] }
const variables = {
  MIRO_CLIENT_ID: '3074457345618265000',
  MIRO_CLIENT_SECRET: 'a-secret',
  MIRO_REDIRECT_URI: 'http://localhost:3000/auth/miro/callback',
  COOKIE_SECRET: 'a secret of the tests, and of nothing else'
}

/** A project as `fastify generate` makes it, with the files of the page. It imports what this package has. */
function createProject (t: Test, changed: Record<string, string> = {}): string {
  const folder = t.testdir({ 'package.json': '{ "type": "module" }' })
  const template = resolve('node_modules/fastify-cli/templates/app-esm')
  cpSync(template, folder, { recursive: true, filter: (path) => !path.includes('app-esm/test') })
  // It needs a package more, and nothing here is about it.
  rmSync(join(folder, 'plugins/sensible.js'))
  for (const [path, code] of [...filesOf('fastify-cli.md'), ...Object.entries(changed)]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), code)
  }
  return join(folder, 'app.js')
}

const likeTests = { skipOverride: true }

async function start (t: Test, app: string, options: Record<string, unknown> = likeTests, given: string[] = []) {
  const built = await build([...given, app], options)
  t.teardown(() => built.close())
  return built
}

t.test('fastify-cli:', async (t) => {
  const before = { ...process.env }
  Object.assign(process.env, variables)
  t.teardown(() => { process.env = before })

  await t.test('the files of the page guard a route that autoload prefixes, and a test signs in', async (t) => {
    const app = await start(t, createProject(t, {
      'routes/me/index.js': "export default async (fastify) => { fastify.get('/', { config: { miro: { required: true } } }, ({ miro }) => miro.grant()) }"
    }))
    t.equal((await app.inject('/boards')).statusCode, 401)
    t.equal((await app.inject('/auth/miro/login')).statusCode, 303)
    t.match((await app.inject({ url: '/me', cookies: await signInAs(app, ada) })).json(), { userId: ada.userId })
  })

  await t.test('without fp around it, routes do not see fastify.miro, and the start ends', async (t) => {
    const bare = filesOf('fastify-cli.md').get('plugins/miro.js')?.replace('fp(async', '(async').replace(/, \{ name: 'miro' \}\)$/m, ')')
    await t.rejects(build([createProject(t, { 'plugins/miro.js': String(bare) })], {}), { message: /undefined \(reading 'requireGrant'\)/ })
  })

  await t.test('as the default export of a file it gets the options of the test helper, and refuses them', async (t) => {
    const direct = "export { fastifyMiro as default } from '@miro-oauth/fastify'\n" +
      `export const autoConfig = ${JSON.stringify({ clientId: '1', clientSecret: '2', redirectUri: variables.MIRO_REDIRECT_URI, cookieSecret: variables.COOKIE_SECRET })}`
    const project = createProject(t, { 'plugins/miro.js': direct })
    t.equal((await (await start(t, project, {})).inject('/boards')).statusCode, 401)
    await t.rejects(build([project], { skipOverride: true }), { code: 'MIRO_CONFIG', message: /skipOverride is not known/ })
  })

  for (const [given, statuses] of [['', [303, 303]], [", dependencies: ['rate-limit']", [303, 429]]] as const) {
    await t.test(`rate-limit.js counts login if miro.js names it: { name: 'miro'${given} }`, async (t) => {
      const limit = "import limit from '@fastify/rate-limit'\nimport fp from 'fastify-plugin'\n" +
        "export default fp(async (fastify) => { await fastify.register(limit, { max: 1 }) }, { name: 'rate-limit' })"
      const miro = String(filesOf('fastify-cli.md').get('plugins/miro.js')).replace("{ name: 'miro'", `{ name: 'miro'${given}`)
      const app = await start(t, createProject(t, { 'plugins/rate-limit.js': limit, 'plugins/miro.js': miro }))
      t.same([(await app.inject('/auth/miro/login')).statusCode, (await app.inject('/auth/miro/login')).statusCode], statuses)
    })
  }

  await t.test('a prefix of the command line is one of the plugin too, and redirectUri must lie below it', async (t) => {
    await t.rejects(build(['--prefix', '/api', createProject(t)], {}), { code: 'MIRO_CONFIG', message: /redirectUri must lie below/ })
    process.env['MIRO_REDIRECT_URI'] = 'http://localhost:3000/api/auth/miro/callback'
    const app = await start(t, createProject(t), {}, ['--prefix', '/api'])
    t.equal((await app.inject('/api/auth/miro/login')).statusCode, 303)
  })
})
