import { resolve } from 'node:path'
import t from 'tap'
import ts from 'typescript'
import { InputTypes } from '../fixtures/inputs.js'

const commonJs = `
  import miro = require('@miro-oauth/fastify')
  import { fastifyMiro, type Grant } from '@miro-oauth/fastify'
  import { signInAs } from '@miro-oauth/fastify/testing'
  import { createMiroAuth, memoryStore } from '@miro-oauth/core'
  import { createFakeClock } from '@miro-oauth/core/testing'
  import { createEmulator } from '@miro-oauth/emulator'
  import { createTokenModel } from '@miro-oauth/emulator/model'
  import { postgresStore } from '@miro-oauth/postgres'
  import { redisStore } from '@miro-oauth/redis'
  import Fastify = require('fastify')

  const app = Fastify.default()
  app.register(fastifyMiro, { clientId: '1', clientSecret: '2', redirectUri: '3', cookieSecret: '4' })
  app.register(miro.default, { clientId: '1', clientSecret: '2', redirectUri: '3', cookieSecret: '4' })
  app.get('/', { preHandler: app.miro.requireGrant }, (request): Promise<Grant | null> => request.miro.grant())
  export const wrong: number = createMiroAuth
  export { signInAs, memoryStore, createFakeClock, createEmulator, postgresStore, redisStore, createTokenModel }
`

t.test('types: CommonJS with moduleResolution node10 finds the types of every package and subpath', async (t) => {
  const folder = t.testdir({ 'package.json': '{ "type": "commonjs" }', 'app.ts': commonJs })
  const program = ts.createProgram([resolve(folder, 'app.ts')], {
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    target: ts.ScriptTarget.ES2022,
    ignoreDeprecations: '6.0',
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: ['node']
  })
  const messages = ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
  // The one mistake shows that the types were found, and are not `any`.
  t.equal(messages.length, 1, messages.join('\n'))
  t.match(messages[0], /is not assignable to type 'number'/)
})

t.test('types: every option that may be left out may be undefined, under exactOptionalPropertyTypes', async (t) => {
  const entries = [
    'core', 'core/testing', 'fastify', 'fastify/testing', 'fastify/panel', 'emulator', 'emulator/model', 'postgres', 'redis', 'sqlite'
  ]
  const folder = t.testdir({
    'package.json': '{ "type": "module" }',
    'all.ts': entries.map((entry) => `export * from '@miro-oauth/${entry}'\n`).join('')
  })
  const { seen, refusing } = new InputTypes(resolve(folder, 'all.ts'))
  t.ok(seen.size > 300, String(seen.size))
  // Errors and grants are made here and handed back; clients of Redis and SQLite are made by their own libraries.
  const notOptions = /^(core\/dist\/(errors|grant\/grant)|redis\/dist\/redis-client|sqlite\/dist\/sqlite-database)\.d\.ts /
  t.same([...refusing].filter((name) => !notOptions.test(name)), [])
})
