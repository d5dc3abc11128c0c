import { chmod, cp, lstat, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'

/**
 * Copies a package to a place where every user of this machine may read and run it, once for each version.
 *
 * Processes that copy at the same time do not disturb each other: the first one renames its draft into place.
 *
 * @param folder the package, which may be closed to others: a clone in root's home folder is
 * @param into where the copy goes, such as the temporary folder
 * @throws {Error} another user put something else there before
 */
export async function openCopy (folder: string, into: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const copy = join(into, `miro-postgres-${basename(folder)}-${String(version)}`)
  if (await isOurs(copy)) return copy
  const draft = await mkdtemp(`${copy}-`)
  await cp(folder, draft, { recursive: true, verbatimSymlinks: true })
  await openToAll(draft)
  await rename(draft, copy).catch(() => rm(draft, { recursive: true, force: true }))
  if (await isOurs(copy)) return copy
  throw new Error(`${copy} belongs to another user`)
}

async function openToAll (folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), 0o755)
  }
}

async function isOurs (path: string): Promise<boolean> {
  return lstat(path).then((found) => found.isDirectory() && found.uid === process.getuid?.(), () => false)
}
