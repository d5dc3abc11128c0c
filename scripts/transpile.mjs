import { existsSync, readdirSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { transform } from 'rolldown/utils'

/**
 * Writes the JavaScript of the sources and tests of the package in whose folder it runs, a file for each. It drops their
 * types unchecked: `npm run types` checks those of all packages as one program, which takes a third of what a compiler
 * for each package takes. `await using`, which Node 20 does not know, becomes a call of `@oxc-project/runtime`.
 *
 * @param {string} folder such as `test-dist`
 * @returns {Promise<boolean>} false where a file is no TypeScript; what is wrong with it is printed
 */
export async function transpile (folder) {
  const files = ['src', 'test'].filter((name) => existsSync(name)).flatMap(sourcesBelow)
  const results = await Promise.all(files.map((file) => transpileFile(file, join(folder, file.replace(/\.ts$/, '.js')))))
  return !results.includes(false)
}

function sourcesBelow (folder) {
  const files = readdirSync(folder, { recursive: true }).map((file) => join(folder, file))
  return files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
}

async function transpileFile (source, target) {
  const { code, map, errors } = await transform(source, await readFile(source, 'utf8'), {
    target: 'es2023', sourcemap: true, tsconfig: false, typescript: { onlyRemoveTypeImports: true }
  })
  for (const error of errors) console.error(`${source}: ${error.message}`)
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, `${code}//# sourceMappingURL=${basename(target)}.map\n`)
  await writeFile(`${target}.map`, JSON.stringify({ ...map, sources: [pathToFileURL(source).href] }))
  return errors.length === 0
}
