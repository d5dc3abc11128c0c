import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Removes what earlier builds wrote for sources that are no longer there. The compiler leaves such files in `dist`, and
 * they would be published, and stay in turbo's cache.
 *
 * @param {string} root the root of the repository
 */
export function removeStale (root) {
  const folders = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name))
  for (const folder of folders) {
    const sources = new Set(filesBelow(join(folder, 'src')).filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -3)))
    const compiled = filesBelow(join(folder, 'dist')).filter((file) => !sources.has(file.replace(/\.(d\.ts|js|js\.map)$/, '')))
    for (const file of compiled) rmSync(join(folder, 'dist', file))
  }
}

function filesBelow (folder) {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return []
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}
