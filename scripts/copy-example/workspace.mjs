// What the repository says of its packages: manifests, and the versions behind `workspace:` and `catalog:`.
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The version of a package that was never published. */
const unpublished = '0.0.0'

/** @typedef {Record<string, string>} Dependencies versions by name */

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {string} description
 * @property {Record<string, string>} engines
 * @property {Dependencies} [dependencies]
 * @property {Dependencies} [devDependencies]
 */

/**
 * @typedef {object} Workspace
 * @property {Record<string, string>} catalog
 * @property {Map<string, Manifest>} packages the packages that are published, by name
 * @property {boolean} isPublished whether they are on npm
 */

/** @returns {Promise<Workspace>} */
export async function readWorkspace () {
  const { catalog } = parse(await readFile(join(root, 'pnpm-workspace.yaml'), 'utf8'))
  const manifests = await Promise.all((await readdir(join(root, 'packages'))).map((name) => readManifest(`packages/${name}`)))
  return {
    catalog,
    packages: new Map(manifests.map((manifest) => [manifest.name, manifest])),
    isPublished: manifests.every(({ version }) => version !== unpublished)
  }
}

/**
 * @param {string} folder
 * @returns {Promise<Manifest>}
 */
export async function readManifest (folder) {
  return JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'))
}

/**
 * A dependency's version outside of the workspace.
 *
 * @param {Workspace} workspace
 * @param {string} name
 * @param {string} version
 */
export function realVersion ({ catalog, packages }, name, version) {
  if (version === 'catalog:') return catalog[name]
  return version === 'workspace:^' ? `^${packages.get(name)?.version}` : version
}

/**
 * The packages of the workspace that dependencies lead to, directly or by others.
 *
 * @param {Workspace} workspace
 * @param {Dependencies} dependencies
 * @returns {Set<string>}
 */
export function packagesBehind (workspace, dependencies, found = new Set()) {
  for (const name of Object.keys(dependencies)) {
    const manifest = workspace.packages.get(name)
    if (manifest === undefined || found.has(name)) continue
    found.add(name)
    packagesBehind(workspace, manifest.dependencies ?? {}, found)
  }
  return found
}
