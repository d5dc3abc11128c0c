import { access, constants, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder, and those above it. `mkdir` of Node with `recursive` never ends where a folder may not be made in one
 * that exists, as in `/proc`.
 *
 * @throws the system's error, also where the folder is there and may not be written to
 */
export async function makeFolder (folder: string): Promise<void> {
  await mkdir(folder).catch(async (error: unknown) => {
    const code = codeOf(error)
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error
    await makeFolder(dirname(folder))
    await mkdir(folder)
  })
  // Of a file with a slash behind its name this is ENOTDIR.
  await access(`${folder}/`, constants.W_OK)
}

export function codeOf (error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
