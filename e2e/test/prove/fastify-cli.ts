import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '@miro-oauth/test-servers'
import t, { type Test } from 'tap'
import { compile, linkPackages, ownFolder, run, startServer, type Ended } from '../fixtures/own-folder.js'
import { filesOf } from '../fixtures/pages.js'
import { Visitor } from '../fixtures/visitor.js'

const cli = 'node_modules/fastify-cli/cli.js'
const packages = [
  '@fastify/autoload', '@fastify/sensible', '@miro-oauth/fastify', '@types/node', 'fastify', 'fastify-cli', 'fastify-plugin',
  'fastify-tsconfig', 'ts-node', 'typescript'
]

const variables = {
  MIRO_CLIENT_ID: '3074457345618265000',
  MIRO_CLIENT_SECRET: 'a-secret',
  MIRO_REDIRECT_URI: 'http://localhost:3000/auth/miro/callback',
  COOKIE_SECRET: 'a secret of the tests, and of nothing else'
}

interface Template {
  given: string[]
  /** A file of the page, as it stands in this template. */
  toFile: (path: string, code: string) => readonly [string, string]
  test: readonly [string, string]
}

const signsIn = `test('signs in', async (t) => {
  const app = await build(t)
  const cookies = await signInAs(app, { userId: '1', teamId: '2', scopes: [] })
  assert.equal((await app.inject({ url: '/me', cookies })).json().userId, '1')
})
`
const imports = "import { test } from 'node:test'\nimport * as assert from 'node:assert'\nimport { signInAs } from '@miro-oauth/fastify/testing'\n"

const toCommonJs = (code: string): string => code
  .replaceAll(/^import (.*) from (.*)$/gm, 'const $1 = require($2)').replace('export default', 'module.exports =').replace(' * as ', ' ')

const templates: Record<string, Template> = {
  'an ESM project': {
    given: ['--esm'],
    toFile: (path, code) => [path, code],
    test: ['test/miro.test.js', `${imports}import { build } from './helper.js'\n${signsIn}`]
  },
  'a CommonJS project': {
    given: [],
    toFile: (path, code) => [path, toCommonJs(code)],
    test: ['test/miro.test.js', toCommonJs(`${imports}import { build } from './helper.js'\n${signsIn}`)]
  },
  'a TypeScript project': {
    given: ['--lang=ts'],
    toFile: (path, code) => [`src/${path.replace(/js$/, 'ts')}`, code.replace('async function (fastify)', 'async function (fastify: FastifyInstance)')
      .replace(/^(?=export default async)/m, "import type { FastifyInstance } from 'fastify'\n\n")],
    test: ['test/miro.test.ts', `${imports}import { build } from './helper'\n${signsIn}`]
  }
}

const routes = {
  'routes/me/index.js': "export default async function (fastify) {\n  fastify.get('/', async (request) => request.miro.grant())\n}\n",
  'routes/slow/index.js': "export default async function (fastify) {\n  fastify.get('/', () => new Promise((resolve) => setTimeout(resolve, 2000, 'done')))\n}\n"
}

async function createProject (t: Test, { given, toFile, test }: Template): Promise<string> {
  const folder = join(dirname(ownFolder(t)), 'app')
  const generated = await run(process.execPath, [resolve(cli), 'generate', folder, ...given], { cwd: dirname(folder), env: { HOME: dirname(folder) } })
  t.equal(generated.status, 0, generated.output)
  const files = [...filesOf('fastify-cli.md'), ...Object.entries(routes)].map(([path, code]) => toFile(path, code))
  for (const [path, code] of [...files, test, ['.env', Object.entries(variables).map(([name, value]) => `${name}="${value}"\n`).join('')]]) {
    mkdirSync(dirname(join(folder, String(path))), { recursive: true })
    writeFileSync(join(folder, String(path)), String(code))
  }
  linkPackages(folder, packages)
  return folder
}

/** What the page has in package.json, with a port, and on loopback alone. */
function startCommand (port: number, app: string): string[] {
  const [, command = ''] = /"start": "node (.*) app\.js"/.exec(readFileSync(resolve('../docs/fastify-cli.md'), 'utf8')) ?? []
  return [...command.split(' '), '-a', '127.0.0.1', '-p', String(port), app]
}

async function runTests (folder: string, isTypeScript: boolean): Promise<Ended> {
  const given = isTypeScript ? ['-r', 'ts-node/register', 'test/miro.test.ts'] : ['test/miro.test.js']
  return run(process.execPath, ['--env-file=.env', '--test', ...given], { cwd: folder, env: { HOME: folder } })
}

for (const [name, template] of Object.entries(templates)) {
  t.test(`fastify-cli: ${name} that it generates starts with the files of the page, and its test signs in`, async (t) => {
    const folder = await createProject(t, template)
    const isTypeScript = template.given.includes('--lang=ts')
    if (isTypeScript) t.same(await compile(folder, ['--rootDir', 'src']), { status: 0, output: '' })
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const given = startCommand(port, isTypeScript ? 'dist/app.js' : 'app.js')
    await startServer(t, process.execPath, given, { cwd: folder, url, env: { HOME: folder } })
    t.equal((await new Visitor().get(`${url}/boards`)).headers.location, '/auth/miro/login?returnTo=%2Fboards')
    const tested = await runTests(folder, isTypeScript)
    t.equal(tested.status, 0, tested.output)
  })
}

t.test('fastify-cli: with -g of the page an answer that takes two seconds is finished after SIGTERM, and without it is not', async (t) => {
  const folder = await createProject(t, templates['an ESM project'] as Template)
  for (const isGraceful of [true, false]) {
    const port = await freePort()
    const given = startCommand(port, 'app.js').filter((part) => isGraceful || !/^(-g|110000)$/.test(part))
    const child = spawn(process.execPath, given, { cwd: folder, stdio: 'ignore' })
    const ended = once(child, 'close')
    const url = `http://127.0.0.1:${port}`
    while (child.exitCode === null && !await fetch(url).then(() => true, () => false)) await delay(100)
    const answer = fetch(`${url}/slow`).then((response) => response.text(), () => 'cut off')
    await fetch(url)
    child.kill('SIGTERM')
    t.equal(await answer, isGraceful ? 'done' : 'cut off')
    // The connection that fetch keeps alive would hold its end up for more than a minute.
    child.kill('SIGKILL')
    await ended
  }
})
