import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ApiFetch } from '@miro-oauth/fastify'
import t, { type Test } from 'tap'
import { smallOpenapi } from '../fixtures/small-openapi.js'
import { exchange, startApp, startEmulator } from '../fixtures/world.js'

const miroOpenapi = process.env['MIRO_OPENAPI'] ?? ''
if (miroOpenapi === '') console.log('NOTICE: no types are generated from Miro\'s OpenAPI document; set MIRO_OPENAPI to its path')

/** What an app would write: each line of the README's client, with what it knows of types. */
const program = `import type { ApiFetch } from '@miro-oauth/fastify'
import { miroOf } from './miro.js'

export async function run (fetch: ApiFetch, apiUrl: string): Promise<unknown> {
  const miro = miroOf(fetch, apiUrl)
  const { data: created } = await miro.POST('/v2/boards', { body: { name: 'Plans' } })
  const params = { path: { board_id: created?.id ?? '' } }
  const { data } = await miro.GET('/v2/boards/{board_id}', { params })
  const picture: string | undefined = data?.team?.picture?.id
  const refused = await miro.GET('/v2/boards/{board_id}', { params: { path: { board_id: 'none' } } })
  const message: string | undefined = refused.error?.message
  if (refused.error !== undefined) {
    const nothing: undefined = refused.data
    return { name: data?.name, picture, message, nothing }
  }
  const name: string = refused.data.name
  return name
}

export function wrong (fetch: ApiFetch): unknown {
  const miro = miroOf(fetch)
  return [
    // @ts-expect-error SCIM has another host
    () => miro.GET('/Users'),
    // @ts-expect-error a name is a text
    () => miro.POST('/v2/boards', { body: { name: 5 } })
  ]
}
`

async function runNode (args: string[]): Promise<{ output: string, code: unknown }> {
  const child = spawn(execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = await closed
  return { output: out + error, code }
}

/** Generates types, and compiles the README's client and the program with them. Returns the folder of the result. */
async function build (t: Test, ownCopy?: string): Promise<{ types: string, program: string }> {
  const [, section = ''] = readFileSync('README.md', 'utf8').split('## Everything else typed')
  const [, client = ''] = /```ts\n(.*?)```/s.exec(section) ?? []
  const folder = t.testdir({ 'program.ts': program, 'miro.ts': client, 'openapi.json': JSON.stringify(smallOpenapi) })
  const script = fileURLToPath(new URL('../../src/generate-types.js', import.meta.url))
  const types = join(folder, 'miro-openapi.ts')
  t.strictSame(await runNode([script, ownCopy ?? join(folder, 'openapi.json'), types]), { output: '', code: 0 }, 'types are generated')
  const settings = {
    extends: fileURLToPath(new URL('../../../../../tsconfig.base.json', import.meta.url)),
    compilerOptions: { rootDir: folder, outDir: join(folder, 'out') },
    files: ['program.ts']
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings))
  const compiler = ['node_modules/typescript-native/bin/tsc', '-p', folder, '--singleThreaded']
  t.strictSame(await runNode(compiler), { output: '', code: 0 }, 'the program fits the types')
  return { types: readFileSync(types, 'utf8'), program: join(folder, 'out', 'program.js') }
}

interface Program { run: (fetch: ApiFetch, apiUrl: string) => Promise<unknown> }

/** What the program returns: no digit of the picture's id is rounded. */
const expected = { name: 'Plans', picture: '3458764550000000003', message: 'Board not found', nothing: undefined }

/** Runs the program as a person of the emulator. */
async function callEmulator (t: Test, program: string): Promise<unknown> {
  const emulator = await startEmulator(t)
  const app = await startApp(t, emulator)
  const { grant } = await app.miro.auth.connect(await exchange(emulator))
  const module: Program = await import(pathToFileURL(program).href)
  return module.run(app.miro.client(grant).fetch, emulator.apiUrl)
}

function countOperations (types: string): number {
  return Array.from(types.matchAll(/^ {8}\w+: operations\["/gm)).length
}

t.test('generate-types: a document with dangling responses, SCIM and 64-bit ids becomes a typed client', async (t) => {
  const { types, program } = await build(t)
  t.equal(countOperations(types), 2)
  t.strictSame(await callEmulator(t, program), expected)
})

t.test('generate-types: of Miro\'s own document there are 183 operations', { skip: miroOpenapi === '' }, async (t) => {
  const { types, program } = await build(t, miroOpenapi)
  t.equal(countOperations(types), 183)
  t.strictSame(await callEmulator(t, program), expected)
})
