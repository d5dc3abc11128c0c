import { readFileSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a package brings into `node_modules`. */
export interface Installed {
  packages: number
  bytes: number
}

interface Manifest {
  version: string
  files?: string[]
  dependencies?: Record<string, string>
}

const here = dirname(fileURLToPath(import.meta.url))

/** The version of a package that this one depends on. */
export function versionOf (name: string): string {
  return readManifest(requireFolder(name, here)).version
}

/**
 * Counts packages with all that they depend on in production, itself included, each once. Peer dependencies are not
 * counted: they are the app's own. A package of this repository is as large as what it publishes.
 */
export function installedWith (names: readonly string[]): Installed {
  const found = new Set<string>()
  for (const name of names) collect(requireFolder(name, here), found)
  return { packages: found.size, bytes: Array.from(found, bytesOf).reduce((sum, bytes) => sum + bytes, 0) }
}

function collect (folder: string, found: Set<string>): void {
  if (found.has(folder)) return
  found.add(folder)
  for (const name of Object.keys(readManifest(folder).dependencies ?? {})) collect(requireFolder(name, folder), found)
}

/** As Node.js looks for a package: in the `node_modules` of each folder above. */
function requireFolder (name: string, from: string): string {
  for (let folder = from; dirname(folder) !== folder; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (statSync(join(candidate, 'package.json'), { throwIfNoEntry: false }) !== undefined) return realpathSync(candidate)
  }
  throw new Error(`The package ${name} is not installed.`)
}

function readManifest (folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

function bytesOf (folder: string): number {
  const isPublished = folder.includes(`${join('/', 'node_modules')}/`)
  if (isPublished) return bytesBelow(folder)
  const published = ['package.json', 'LICENSE', ...readManifest(folder).files ?? []]
  return published.map((name) => bytesBelow(join(folder, name))).reduce((sum, bytes) => sum + bytes, 0)
}

function bytesBelow (path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return 0
  if (!stats.isDirectory()) return stats.size
  return readdirSync(path).filter((name) => name !== 'node_modules').map((name) => bytesBelow(join(path, name)))
    .reduce((sum, bytes) => sum + bytes, 0)
}
