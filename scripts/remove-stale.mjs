import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { entriesOf } from './package-entries.mjs'

/**
 * Removes what earlier builds wrote for sources that are no longer there, or are no entry of their package. A build leaves such files in
 * `dist`, and they would be published, and stay in turbo's cache.
 *
 * @param {string} root the root of the repository
 */
export function removeStale (root) {
  const folders = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name))
  for (const folder of folders) {
    const kept = new Set(filesOfBuild(folder))
    for (const file of filesBelow(join(folder, 'dist'))) if (!kept.has(file)) rmSync(join(folder, 'dist', file))
  }
}

/** What `build-package.mjs` may write to `dist`. */
function filesOfBuild (folder) {
  const types = filesBelow(join(folder, 'src')).map((file) => file.replace(/\.ts$/, '.d.ts'))
  const entries = entriesOf(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
  return [...types, ...[...entries, 'shared'].flatMap((entry) => [`${entry}.js`, `${entry}.js.map`])]
}

function filesBelow (folder) {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return []
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1).replaceAll('\\', '/'))
}
