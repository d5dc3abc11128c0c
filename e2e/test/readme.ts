import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { createEmulator, type Emulator } from '@miro-oauth/emulator'
import t, { type Test } from 'tap'
import { freePort } from '@miro-oauth/test-servers'
import { listDocuments, readBlocks, root } from './fixtures/documents.js'
import { Visitor } from './fixtures/visitor.js'

/** All but the examples, whose blocks are parts of files: test/examples.ts finds them there. */
const documents = listDocuments().filter((path) => !/^(EXAMPLES\.md|examples\/)/.test(path))

/** What the guides in docs have their reader copy. */
const recipe = 'examples/recipes/src/move-users'

/** The first block of the README that registers the plugin. */
function readTenLines (): string {
  return readBlocks('README.md').find((code) => code.includes('fastifyMiro')) ?? ''
}

/** Replaces the port 3000, and Miro's addresses with the emulator's; the rest of the README's code stays. */
function aim (code: string, { port, emulator }: { port: number, emulator: Emulator }): string {
  const secret = 'cookieSecret: process.env.COOKIE_SECRET'
  const endpoints = JSON.stringify({ authorizeUrl: emulator.authorizeUrl, apiUrl: emulator.apiUrl })
  return code.replaceAll(/\b3000\b/g, String(port)).replace(secret, `${secret},\n  endpoints: ${endpoints}`)
}

/**
 * Type-checks and compiles files in a new folder below this package, where imports find its dependencies.
 *
 * @returns the folder of the compiled files, and what the compiler says
 */
async function compile (t: Test, files: Record<string, string>): Promise<{ folder: string, findings: string }> {
  const copied = readdirSync(join(root, recipe)).map((name) => [name, readFileSync(join(root, recipe, name), 'utf8')])
  const source = t.testdir({ ...files, 'move-users': Object.fromEntries(copied) as Record<string, string> })
  const folder = join(source, 'out')
  const settings = {
    extends: join(root, 'tsconfig.base.json'),
    // A reader's project has no such rule, and `process.env.NAME` is what everybody writes.
    compilerOptions: {
      noPropertyAccessFromIndexSignature: false, declaration: false, allowJs: true, rootDir: source, outDir: folder
    },
    files: Object.keys(files)
  }
  await writeFile(join(source, 'tsconfig.json'), JSON.stringify(settings))
  const command = ['node_modules/typescript-native/bin/tsc', '-p', source, '--singleThreaded']
  const compiler = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] })
  return { folder, findings: await text(compiler.stdout) }
}

/** Starts a program and waits until it answers. */
async function start (t: Test, program: string, { url, env }: {
  url: string
  env: Record<string, string>
}): Promise<void> {
  const child = spawn(process.execPath, [program], { env, stdio: 'ignore' })
  const ended = once(child, 'close')
  t.teardown(async () => {
    child.kill('SIGTERM')
    await ended
  })
  for (;;) {
    if (child.exitCode !== null) throw new Error('The lines of the README ended instead of listening.')
    if (await new Visitor().get(url).then(() => true, () => false)) return
    await delay(100)
  }
}

t.test('readme:', async (t) => {
  const port = await freePort()
  const url = `http://localhost:${port}`
  const emulator = await createEmulator({ seed: { app: { redirectUris: [`${url}/auth/miro/callback`] } } })
  t.teardown(() => emulator.close())
  const code = readTenLines()
  const aimed = aim(code, { port, emulator })
  const blocks = documents.flatMap((document) => ['ts', 'js'].flatMap((language) => {
    const name = document.replaceAll(/\W/g, '-')
    return readBlocks(document, language).map((code, index) => [`${name}-${language}-${index}.${language}`, code] as const)
  }))
  // All at once: the compiler takes most of its time for the types that they import.
  const { folder, findings } = await compile(t, { ...Object.fromEntries(blocks), 'aimed.ts': aimed })

  await t.test('every block of TypeScript in the documents compiles, and every one of JavaScript parses', async (t) => {
    t.ok(blocks.length > 25)
    for (const guide of ['miro-api', 'fastify-oauth2']) t.ok(readBlocks(`docs/from-${guide}.md`).length > 1)
    t.equal(findings, '', 'the compiler finds no error')
  })

  await t.test('its example compiles, starts, and shows the boards of a user who signs in', async (t) => {
    t.match(code, /^import Fastify from 'fastify'$/m)
    t.ok(code.trimEnd().split('\n').filter((line) => line.trim() !== '').length <= 14, 'the example is at most 14 lines long')
    t.match(aimed, emulator.authorizeUrl, 'the emulator\'s address stands in place of Miro\'s')
    t.match(aimed, `listen({ port: ${port} })`)
    t.match(aimed, `redirectUri: '${url}/auth/miro/callback'`)

    await start(t, join(folder, 'aimed.js'), {
      url,
      env: {
        MIRO_CLIENT_ID: emulator.app.clientId,
        MIRO_CLIENT_SECRET: emulator.app.clientSecret,
        COOKIE_SECRET: 'a secret of the tests, and of nothing else'
      }
    })
    const visitor = new Visitor()
    const refused = await visitor.get(`${url}/boards`)
    t.equal(refused.status, 303)
    const signedIn = await visitor.signIn(refused.location?.href ?? '')
    t.equal(signedIn.location?.href, `${url}/boards`)
    t.match(await visitor.json(`${url}/boards`), { total: 8, data: [{ name: 'Onboarding journey' }] })
  })
})
