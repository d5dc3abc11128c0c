import { mkdir, mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import t from 'tap'
import { unnamedTypes } from '../fixtures/declarations.js'
import { findingsOf, installAlone } from '../fixtures/install.js'
import { packAll, type PackedPackage } from '../fixtures/pack.js'

const { packages } = await packAll()
const parent = await realpath(await mkdtemp(join(tmpdir(), 'miro-installed-')))
t.teardown(() => rm(parent, { recursive: true, force: true }))
const home = join(parent, 'home')
const folderOf = ({ name }: PackedPackage): string => join(parent, name)

for (const packed of packages) {
  const folder = folderOf(packed)

  t.test(`${packed.name}: npm installs its tarball alone, and every entry loads by import and by require()`, async (t) => {
    t.equal(await installAlone(packed, { all: packages, folder, home }), '')
    await writeFile(join(folder, 'load.mjs'), loadEntries(entriesOf(packed)))
    t.equal(await findingsOf(folder, process.execPath, ['load.mjs']), '')
  })
}

t.test('packages: the types of every entry have no error where each is installed alone, libraries included', async (t) => {
  for (const packed of packages) {
    for (const name of ['esm.mts', 'common.cts']) await writeFile(join(folderOf(packed), name), importEntries(entriesOf(packed)))
  }
  const [esm, common] = ['esm.mts', 'common.cts'].map((name) => packages.map((packed) => join(folderOf(packed), name)))
  t.equal(await check(['--module', 'nodenext', ...esm ?? [], ...common ?? []]), '', 'nodenext')
  t.equal(await check(['--module', 'esnext', '--moduleResolution', 'bundler', ...esm ?? []]), '', 'bundler')
})

t.test('packages: a library that gives their types on by inference can be declared, without a package that it did not install', async (t) => {
  for (const packed of packages) {
    const folder = folderOf(packed)
    if (packed.name === '@miro-oauth/fastify') await hideCore(folder)
    const { probes, findings } = unnamedTypes(join(folder, 'library.mts'), entriesOf(packed))
    t.ok(probes > 3, `${packed.name}: ${probes}`)
    t.same(findings, [], packed.name)
  }
})

/** As pnpm installs: only the plugin finds what it depends on. */
async function hideCore (folder: string): Promise<void> {
  const inner = join(folder, 'node_modules/@miro-oauth/fastify/node_modules/@miro-oauth')
  await mkdir(inner, { recursive: true })
  await rename(join(folder, 'node_modules/@miro-oauth/core'), join(inner, 'core'))
}

/** The names by which the package can be imported. */
function entriesOf ({ name, manifest }: PackedPackage): string[] {
  return Object.keys(manifest.exports).filter((entry) => entry !== './package.json').map((entry) => name + entry.slice(1))
}

function loadEntries (entries: readonly string[]): string {
  return `
    import { deepEqual, notEqual } from 'node:assert/strict'
    import { createRequire } from 'node:module'
    const require = createRequire(import.meta.url)
    for (const entry of ${JSON.stringify(entries)}) {
      const names = Object.keys(await import(entry)).filter((name) => name !== 'module.exports')
      notEqual(names.length, 0, entry)
      deepEqual(Object.keys(require(entry)).filter((name) => name !== '__esModule'), names)
    }
  `
}

/** A name that an entry does not have is the one mistake: it shows that the types were found, and are not `any`. */
function importEntries (entries: readonly string[]): string {
  return entries.map((entry, index) => `
    import * as entry${index} from '${entry}'
    // @ts-expect-error
    export const wrong${index} = entry${index}.isNotThere
  `).join('')
}

/** What the compiler finds with its defaults and the types of Node, which TypeScript needs there. */
async function check (options: readonly string[]): Promise<string> {
  const compiler = resolve('node_modules/typescript-native/bin/tsc')
  const types = ['--types', 'node', '--typeRoots', resolve('node_modules/@types')]
  const settings = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2022', '--singleThreaded', ...types]
  return findingsOf(parent, process.execPath, [compiler, ...settings, ...options])
}
