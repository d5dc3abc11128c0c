// Builds the packages and packs them as they would be published.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { platform } from 'node:process'
import { text } from 'node:stream/consumers'
import { root } from './workspace.mjs'

/**
 * @param {import('./workspace.mjs').Workspace} workspace
 * @param {string} folder gets one tarball for each package
 * @param {AbortSignal} signal
 * @returns {Promise<Map<string, string>>} the tarball's file name for each package
 */
export async function packPackages ({ packages }, folder, signal) {
  const filters = [...packages.keys()].map((name) => `--filter=${name}`)
  await mkdir(folder, { recursive: true })
  console.log('Building and packing the packages …')
  const { packageManager } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const pnpm = (given) => run('npx', ['-y', packageManager, ...given], signal)
  await pnpm(['run', 'build', ...filters])
  // They are built: pnpm need not run each package's `prepack`.
  await pnpm(['--recursive', ...filters, '--config.ignore-scripts=true', 'pack', '--pack-destination', folder])
  const files = await readdir(folder)
  return new Map([...packages].map(([name, { version }]) => {
    const file = `${name.slice(1).replace('/', '-')}-${version}.tgz`
    if (!files.includes(file)) throw new Error(`${name} was not packed.`)
    return [name, file]
  }))
}

/**
 * @param {string} command
 * @param {string[]} given
 * @param {AbortSignal} signal
 */
async function run (command, given, signal) {
  // On Windows npx is a script, which only a shell starts.
  const [program, options] = platform === 'win32'
    ? [[command, ...given.map((argument) => `"${argument}"`)].join(' '), { shell: true }]
    : [command, { shell: false }]
  const child = spawn(program, options.shell ? [] : given, { cwd: root, signal, stdio: ['ignore', 'pipe', 'pipe'], ...options })
  const [[status], output, errors] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)])
  if (status !== 0) throw new Error(`${output}${errors}\nThe packages cannot be built or packed: see above. Nothing was written.`)
}
