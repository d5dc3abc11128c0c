// Writes a folder as a whole or not at all.
import { access, constants, cp, lstat, mkdir, mkdtemp, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'

/**
 * @param {string} folder one that does not exist, or is empty
 * @throws {Error} it has something in it, is no folder, or cannot be written
 */
export async function requireEmptyFolder (folder) {
  const unusable = (error) => { throw new Error(`${folder} cannot be used (${error.code}): name a new or an empty folder.`) }
  const names = await readdir(folder).catch((error) => error.code === 'ENOENT' ? [] : unusable(error))
  if (names.length > 0) throw new Error(`${folder} is not empty: name a new or an empty folder.`)
  const nearest = await nearestEntry(folder)
  // `readdir` finds nothing there either, and `mkdir` cannot make it.
  if (await stat(nearest).then(() => false, ({ code }) => code === 'ENOENT')) {
    throw new Error(`${nearest} is a link that leads nowhere: name a new or an empty folder.`)
  }
  await access(nearest, constants.W_OK | constants.X_OK).catch(unusable)
}

/** The folder itself, or the first one above it that exists. A link that leads nowhere exists. */
async function nearestEntry (folder) {
  return lstat(folder).then(() => folder, (error) => dirname(folder) === folder ? Promise.reject(error) : nearestEntry(dirname(folder)))
}

/**
 * A copy in the repository would be built, linted and packed with it: `npm run` has the repository's root as its folder.
 *
 * @param {string} repository
 * @param {string} folder
 * @throws {Error} it is in the repository, also by a link
 */
export async function requireOutside (repository, folder) {
  const [outer, inner] = await Promise.all([realpath(repository), realPathSoFar(folder)])
  if (`${inner}${sep}`.startsWith(`${outer}${sep}`)) throw new Error(`${folder} is in this repository: name a folder outside of it, such as ../my-app.`)
}

/** The real path of a folder, or of the first one above it that exists. */
async function realPathSoFar (folder) {
  return realpath(folder).catch((error) => dirname(folder) === folder ? Promise.reject(error) : realPathSoFar(dirname(folder)))
}

/**
 * Collects everything in a temporary folder first, so that what fails leaves the target as it was.
 *
 * @param {string} target
 * @param {(staging: string) => Promise<Map<string, string>>} collect may write into the staging folder; returns further
 * files, by their path in it
 */
export async function fillFolder (target, collect) {
  const staging = await mkdtemp(join(tmpdir(), 'miro-example-'))
  try {
    for (const [path, text] of await collect(staging)) {
      await mkdir(dirname(join(staging, path)), { recursive: true })
      await writeFile(join(staging, path), text)
    }
    // Packing takes seconds, in which another program may have used the folder.
    await requireEmptyFolder(target)
    await copyAll(staging, target)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

/**
 * @param {string} staging
 * @param {string} target
 */
async function copyAll (staging, target) {
  let made = null
  try {
    made = await makeFolder(target)
    await cp(staging, target, { recursive: true })
  } catch (error) {
    const written = made === null ? (await readdir(staging)).map((name) => join(target, name)) : [made]
    await Promise.all(written.map((path) => rm(path, { recursive: true, force: true })))
    throw new Error(`${target} cannot be written (${error.code}): nothing was left in it.`)
  }
}

/**
 * `mkdir` with `recursive` never returns where a folder is there that takes no other, such as /proc.
 *
 * @param {string} folder
 * @returns {Promise<string | null>} the first folder that was not there before
 */
async function makeFolder (folder) {
  try {
    await mkdir(folder)
    return folder
  } catch (error) {
    if (error.code === 'EEXIST') return null
    if (error.code !== 'ENOENT') throw error
    const made = await makeFolder(dirname(folder))
    if (made === null) throw error
    await mkdir(folder)
    return made
  }
}
