// The files of an app that is a copy of an example.
import { readFile, readdir } from 'node:fs/promises'
import { basename, join, posix, relative } from 'node:path'
import { toReadme } from './readme.mjs'
import { packagesBehind, readManifest, realVersion, root } from './workspace.mjs'

/** The examples that can be copied. */
export const examples = ['server', 'connect', 'panel']

const shared = '@miro-oauth/example-shared'

/**
 * @param {object} options
 * @param {import('./workspace.mjs').Workspace} options.workspace
 * @param {string} options.name of the example
 * @param {string} options.folder of the app, which is named for it
 * @param {Map<string, string> | null} options.packed tarballs in `vendor`, by package; `null`: npm has the packages
 * @returns {Promise<Map<string, string>>} texts by path
 */
export async function appFiles ({ workspace, name, folder, packed }) {
  const example = `examples/${name}`
  const [own, views, common] = await Promise.all([
    readTexts(`${example}/src`, 'src'), readTexts(`${example}/views`, 'views'), readTexts('examples/shared/src', 'src/shared')
  ])
  const sources = [...own, ...common].filter(([path]) => !path.startsWith('src/shared/testing/'))
  const appName = toAppName(folder)
  return new Map([
    ...sources.map(([path, text]) => /** @type {const} */ ([path, importFromFolder(path, text)])),
    ...views,
    ['package.json', toJson(await toManifest({ workspace, example, appName, packed }))],
    ['tsconfig.json', toJson(await toCompilerSettings())],
    ['README.md', toReadme(await readRoot(`${example}/README.md`), { appName, hasTarballs: packed !== null })],
    ['.env.example', await readRoot(`${example}/.env.example`).catch(() => readRoot('.env.example'))],
    ['.gitignore', 'node_modules/\ndist/\n.env\n']
  ])
}

/**
 * @param {string} path
 * @param {string} text
 */
function importFromFolder (path, text) {
  const target = posix.relative(posix.dirname(path), 'src/shared/index.js')
  return text.replaceAll(`'${shared}'`, `'./${target}'`)
}

/** The name of a folder, in the letters that npm allows. */
function toAppName (folder) {
  return basename(folder).toLowerCase().replaceAll(/[^a-z0-9~-]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'my-app'
}

async function toManifest ({ workspace, example, appName, packed }) {
  const [{ description, engines, ...own }, common] = await Promise.all([readManifest(example), readManifest('examples/shared')])
  const { [shared]: _, ...dependencies } = { ...common.dependencies, ...own.dependencies }
  const development = { ...common.devDependencies, ...own.devDependencies }
  const tarballs = [...packagesBehind(workspace, dependencies)].map((name) => [name, `file:vendor/${packed?.get(name)}`])
  const types = Object.entries(development).filter(([name]) => name.startsWith('@types/'))
  const compiler = workspace.catalog['typescript-native'].replace('npm:typescript@', '')
  const toReal = (entries) => entries.map(([name, version]) => [name, realVersion(workspace, name, version)])
  return {
    name: appName,
    version: '0.1.0',
    private: true,
    description,
    type: 'module',
    engines,
    scripts: { build: 'tsc', prestart: 'npm run build', start: 'node --enable-source-maps dist/main.js' },
    dependencies: sorted([...toReal(Object.entries(dependencies)), ...(packed === null ? [] : tarballs)]),
    devDependencies: sorted([...toReal(types), ['typescript', compiler]])
  }
}

function sorted (entries) {
  return Object.fromEntries(Object.entries(Object.fromEntries(entries)).sort(([a], [b]) => a < b ? -1 : 1))
}

async function toCompilerSettings () {
  const { compilerOptions: { declaration: _, ...compilerOptions } } = JSON.parse(await readRoot('tsconfig.base.json'))
  return { compilerOptions: { ...compilerOptions, rootDir: 'src', outDir: 'dist' }, include: ['src'] }
}

const toJson = (value) => `${JSON.stringify(value, null, 2)}\n`

const readRoot = (path) => readFile(join(root, path), 'utf8')

/** The texts of a folder, each under its path in the app. */
async function readTexts (folder, target) {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
  return Promise.all(entries.filter((entry) => entry.isFile()).map(async (entry) => {
    const file = join(entry.parentPath, entry.name)
    const path = relative(join(root, folder), file).replaceAll('\\', '/')
    return /** @type {const} */ ([`${target}/${path}`, await readFile(file, 'utf8')])
  }))
}
