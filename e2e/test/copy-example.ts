import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import t from 'tap'
import { asIfPacked, command, loadCopyExample, type Manifest } from './fixtures/copy-example.js'
import { run } from './fixtures/own-folder.js'

/** The packages that the sources of an app import, and the files that its own imports name but that are not there. */
function importsOf (files: Map<string, string>): { packages: Set<string>, missing: string[] } {
  const packages = new Set<string>()
  const missing: string[] = []
  for (const [path, code] of files) {
    if (!path.endsWith('.ts')) continue
    for (const [, fileName = ''] of code.matchAll(/^(?:import|export|\}).* from '([^']+)'$/gm)) {
      const file = posix.join(posix.dirname(path), fileName).replace(/\.js$/, '.ts')
      if (fileName.startsWith('.')) missing.push(...files.has(file) ? [] : [file])
      else if (!fileName.startsWith('node:')) packages.add(fileName.split('/').slice(0, fileName.startsWith('@') ? 2 : 1).join('/'))
    }
  }
  return { packages, missing }
}

const isThere = (files: Map<string, string>, path: string): boolean => {
  return Array.from(files.keys()).some((file) => file === path || file.startsWith(path.replace(/\/?$/, '/')))
}

t.test('copy-example:', async (t) => {
  const { appFiles, examples, fillFolder, readWorkspace } = await loadCopyExample()
  const workspace = await readWorkspace()

  for (const name of examples) {
    await t.test(`${name}: the copy imports its own files and what its package.json names`, async (t) => {
      const files = await appFiles({ workspace, name, folder: '/home/My App!', packed: asIfPacked(workspace) })
      const manifest = JSON.parse(files.get('package.json') ?? '') as Manifest
      const { packages, missing } = importsOf(files)
      t.ok(packages.has('@miro-oauth/fastify'))
      t.same(missing, [])
      t.same(Array.from(packages).filter((name) => manifest.dependencies[name] === undefined), [])
      t.equal(manifest.name, 'my-app')
      const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies })
      t.same(versions.filter((version) => !/^(\^\d+\.\d+\.\d+|file:vendor\/miro-oauth-[a-z]+\.tgz)$/.test(version)), [])
      t.match(files.get('.gitignore'), /^\.env$/m)
      t.notOk(isThere(files, 'src/shared/testing'))
      t.notMatch(files.get('.env.example'), /repository|compose/)
    })

    await t.test(`${name}: the README of the copy speaks of its own files and commands`, async (t) => {
      const files = await appFiles({ workspace, name, folder: 'my-app', packed: null })
      const readme = files.get('README.md') ?? ''
      t.match(readme, /^# my-app\n/)
      t.notMatch(readme, /repository|\.\.\/|run start:|<!--|\n\n\n/)
      const links = Array.from(readme.matchAll(/\]\((?!https?:)([^)#]+)/g), ([, path = '']) => path)
      const named = Array.from(readme.matchAll(/^\| (`.*?`)(?: \||·)/gm), ([, cell = '']) => cell)
      const paths = [...links, ...named.flatMap((cell) => Array.from(cell.matchAll(/`([^`]+)`/g), ([, path = '']) => path))]
      t.ok(paths.length > 5)
      t.same(paths.filter((path) => !isThere(files, path)), [])
    })
  }

  await t.test('once the packages are published, package.json has their versions and no file', async (t) => {
    const packages = new Map(Array.from(workspace.packages, ([name, manifest]) => [name, { ...manifest, version: '1.2.3' }]))
    const published = { ...workspace, packages, isPublished: true }
    const files = await appFiles({ workspace: published, name: 'server', folder: 'my-app', packed: null })
    const { dependencies } = JSON.parse(files.get('package.json') ?? '') as Manifest
    t.equal(dependencies['@miro-oauth/fastify'], '^1.2.3')
    t.notMatch(JSON.stringify(dependencies), 'file:')
    t.notMatch(files.get('README.md'), 'vendor')
  })

  await t.test('what fails leaves no folder behind', async (t) => {
    const parent = t.testdir({ file: 'a file' })
    const fill = async (target: string) => fillFolder(target, async () => new Map([['a', '1'], ['b/c', '2']]))
    await t.rejects(fillFolder(join(parent, 'new'), async () => { throw new Error('not built') }), { message: 'not built' })
    await t.rejects(fill(join(parent, 'file', 'new')), { message: /cannot be (used|written) \(ENOTDIR\)/ })
    t.same(readdirSync(parent), ['file'])
    symlinkSync(join(parent, 'none'), join(parent, 'link'))
    const nowhere = `${join(parent, 'link')} is a link that leads nowhere: name a new or an empty folder.`
    for (const folder of [['link'], ['link', 'deep', 'new']]) await t.rejects(fill(join(parent, ...folder)), { message: nowhere })
    rmSync(join(parent, 'link'))
    // Of what root may do, too.
    if (process.platform === 'linux') await t.rejects(fill('/proc/deep/new'), { message: '/proc/deep/new cannot be written (ENOENT): nothing was left in it.' })
    if (process.getuid?.() !== 0) {
      chmodSync(parent, 0o500)
      await t.rejects(fill(join(parent, 'deep', 'new')), { message: /new cannot be used \(EACCES\)/ })
      chmodSync(parent, 0o700)
    }
    t.same(readdirSync(parent), ['file'])
    await t.rejects(fillFolder(join(parent, 'deep', 'new'), async () => {
      mkdirSync(join(parent, 'deep', 'new'), { recursive: true })
      writeFileSync(join(parent, 'deep', 'new', 'mine'), '')
      return new Map([['a', '1']])
    }), { message: /is not empty/ })
    t.same(readdirSync(join(parent, 'deep', 'new')), ['mine'], 'what came in the meantime is left alone')
    await fill(join(parent, 'good'))
    t.same(readdirSync(join(parent, 'good')), ['a', 'b'])
  })

  await t.test('the command refuses a folder that is not empty or in the repository, and a name that is no example\'s, in one line', async (t) => {
    const folder = t.testdir({ mine: 'text' })
    const refused = await run(process.execPath, [command, 'server', folder], { cwd: folder })
    t.same(refused, { status: 1, output: `${folder} is not empty: name a new or an empty folder.\n` })
    t.same(readdirSync(folder), ['mine'])
    const within = join(dirname(command), 'new', 'app')
    const inside = await run(process.execPath, [command, 'server', within], { cwd: folder })
    t.same(inside, { status: 1, output: `${within} is in this repository: name a folder outside of it, such as ../my-app.\n` })
    t.notOk(existsSync(dirname(within)))
    const dangling = join(folder, 'dangling')
    symlinkSync(join(folder, 'none'), dangling)
    const nowhere = await run(process.execPath, [command, 'server', dangling], { cwd: folder })
    t.same(nowhere, { status: 1, output: `${dangling} is a link that leads nowhere: name a new or an empty folder.\n` })
    const unknown = await run(process.execPath, [command, 'servre', join(folder, 'new')], { cwd: folder })
    t.match(unknown, { status: 1, output: /^Name an example \(server, connect, panel\) and an empty folder: .*\n$/ })
    t.notOk(existsSync(join(folder, 'new')))
  })
})
