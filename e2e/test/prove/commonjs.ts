import t, { type Test } from 'tap'
import { linkPackages, ownFolder, run } from '../fixtures/own-folder.js'
import { filesOf } from '../fixtures/pages.js'

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

/** From this version of Node on, Jest has `require()` for ES modules. */
const jestNode = [24, 9]

const packages = [
  '@miro-oauth/fastify', '@types/jest', '@types/node', 'fastify', 'fastify-tsconfig', 'jest', 'ts-jest', 'ts-node', 'typescript'
]

const app = `import { fastifyMiro, type Grant } from '@miro-oauth/fastify'
import { signInAs } from '@miro-oauth/fastify/testing'
import Fastify from 'fastify'

export async function ask (): Promise<number> {
  const app = Fastify()
  const redirectUri = 'http://localhost:3000/auth/miro/callback'
  await app.register(fastifyMiro, { clientId: '1', clientSecret: '2', redirectUri, cookieSecret: 'a secret of the tests, and of nothing else' })
  app.get('/me', async (request): Promise<Grant | null> => request.miro.grant())
  const cookies = await signInAs(app, { userId: '1', teamId: '2', scopes: [] })
  const { statusCode } = await app.inject({ url: '/me', cookies })
  await app.close()
  return statusCode
}
`
const jestTests = {
  'bare.test.js': "const Fastify = require('fastify')\ntest('bare', async () => { expect((await Fastify().inject('/')).statusCode).toBe(404) }, 120000)\n",
  'required.test.js': "const { fastifyMiro } = require('@miro-oauth/fastify')\ntest('required', () => { expect(typeof fastifyMiro).toBe('function') })\n",
  'typed.test.ts': "import { ask } from './app'\ntest('typed', async () => { expect(await ask()).toBe(200) }, 120000)\n"
}

function createProject (t: Test, module: object): string {
  const compilerOptions = { outDir: 'dist', rootDir: '.', types: ['node', 'jest'], ...module }
  const folder = ownFolder(t, {
    'package.json': '{ "name": "an-app" }',
    'tsconfig.json': JSON.stringify({ extends: 'fastify-tsconfig', compilerOptions, include: ['*.ts'] }),
    'jest.config.js': "module.exports = { testMatch: ['**/*.test.?s'], preset: 'ts-jest' }",
    'app.ts': app,
    'main.ts': "import { ask } from './app'\nvoid ask().then(console.log)\n",
    ...jestTests
  })
  linkPackages(folder, packages)
  return folder
}

const modules = {
  NodeNext: { module: 'NodeNext', moduleResolution: 'NodeNext' },
  CommonJS: { module: 'CommonJS', moduleResolution: 'Node10', ignoreDeprecations: '6.0' }
}

for (const [name, module] of Object.entries(modules)) {
  t.test(`ts-node: with -r ts-node/register and module ${name} the app runs, its types checked`, async (t) => {
    const folder = createProject(t, module)
    const answer = await run(process.execPath, ['-r', 'ts-node/register', 'main.ts'], { cwd: folder })
    t.same(answer, { status: 0, output: '200\n' })
  })
}

t.test('jest: on Node 24.9 or later it loads Fastify and the plugin, and on an earlier one not even Fastify', async (t) => {
  const folder = createProject(t, modules.NodeNext)
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isLate = major > Number(jestNode[0]) || (major === jestNode[0] && minor >= Number(jestNode[1]))
  const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js']
  const tests = isLate ? [] : ['bare']
  const { status, output } = await run(process.execPath, [...jest, ...tests], { cwd: folder, env: { HOME: folder } })
  t.equal(status, isLate ? 0 : 1, output)
  if (isLate) t.match(output, /3 passed, 3 total/)
  else t.match(output, /Must use import to load ES Module: .*cookie/)
})
