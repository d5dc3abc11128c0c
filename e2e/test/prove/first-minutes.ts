import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePort } from '@miro-oauth/test-servers'
import t from 'tap'
import { asIfPacked, loadCopyExample, type Manifest } from '../fixtures/copy-example.js'
import { compile, linkPackages, ownFolder, run, startServer } from '../fixtures/own-folder.js'

/** A page that each example has where a person signs in, and a word on it. */
const signIn = {
  server: { path: '/auth/miro/login', text: 'wants to be installed' },
  connect: { path: '/login', text: 'type="password"' },
  panel: { path: '/auth/miro/login', text: 'wants to be installed' }
}

t.test('copy-example: in an empty home, npm installs and starts the copy of', async (t) => {
  // The command refuses folders in the repository.
  const outside = mkdtempSync(join(tmpdir(), 'miro-first-minutes-'))
  t.teardown(() => rmSync(outside, { recursive: true, force: true }))
  const home = join(outside, 'home')
  mkdirSync(home)
  const env = { HOME: home }
  for (const [name, { path, text }] of Object.entries(signIn)) {
    await t.test(`${name}, whose page to sign in answers`, async (t) => {
      const folder = join(outside, `an app like ${name}`)
      const copied = await run('npm', ['run', 'copy-example', '--', name, folder], { cwd: resolve('..'), env })
      t.equal(copied.status, 0, copied.output)
      const installed = await run('npm', ['install'], { cwd: folder, env })
      t.equal(installed.status, 0, installed.output)
      const port = await freePort()
      const url = `http://localhost:${port}`
      await startServer(t, 'npm', ['start'], { cwd: folder, url, env: { ...env, PORT: String(port) } })
      const page = await fetch(url + path)
      t.equal(page.status, 200)
      t.match(await page.text(), text)
    })
  }
})

t.test('copy-example: the copy of server compiles by its own settings, starts in its own folder, and answers', async (t) => {
  const { appFiles, readWorkspace } = await loadCopyExample()
  const workspace = await readWorkspace()
  const files = await appFiles({ workspace, name: 'server', folder: 'an app', packed: asIfPacked(workspace) })
  const folder = ownFolder(t, files)
  const { dependencies } = JSON.parse(files.get('package.json') ?? '') as Manifest
  linkPackages(folder, [...Object.keys(dependencies), '@types/node', '@types/pg'], ['examples/server', 'examples/shared', 'packages/fastify'])
  t.same(await compile(folder), { status: 0, output: '' })
  const port = await freePort()
  const url = `http://localhost:${port}/`
  await startServer(t, process.execPath, ['dist/main.js'], { cwd: folder, url, env: { PORT: String(port) } })
  t.match(await (await fetch(url)).text(), 'Sign in with Miro')
})
