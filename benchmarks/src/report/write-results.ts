import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toSvg } from './chart.js'
import { codeOf, makeFolder } from './make-folder.js'
import { toIndex, toMarkdown } from './markdown.js'
import type { Measured } from './result.js'

/** The numbers behind the reports, from which they and the picture are written. */
const dataFile = 'results.json'

/**
 * Writes a report of each section, an index of them, and the picture of all. What another run measured of other
 * sections stays, with its own date.
 */
export async function writeResults (
  folder: string, measured: readonly Measured[], order: readonly string[]
): Promise<void> {
  await makeFolder(folder)
  const names = new Set(measured.map(({ name }) => name))
  const kept = (await readMeasured(folder)).filter(({ name }) => !names.has(name))
  const all = [...kept, ...measured].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
  for (const section of all) await writeFile(join(folder, `${section.name}.md`), toMarkdown(section))
  await writeFile(join(folder, 'README.md'), toIndex(all))
  const charts = all.flatMap(({ result: { chart } }) => chart === null ? [] : [chart])
  const note = all.some(({ run }) => run.isBusy) ? 'Measured on a busy machine: these numbers say nothing.' : null
  await writeFile(join(folder, 'chart.svg'), toSvg(charts, note))
  await writeFile(join(folder, dataFile), `${JSON.stringify(all, null, 1)}\n`)
}

/** @throws {Error} reports cannot be written there, which must not turn out after a section was measured */
export async function prepareResults (folder: string): Promise<void> {
  try {
    await makeFolder(folder)
    await readMeasured(folder)
  } catch (error) {
    const reason = codeOf(error) || `${dataFile} in it is no report`
    throw new Error(`--out: reports cannot be written to this folder (${reason}).`)
  }
}

/** What stands in a folder; nothing where there is no such folder. */
async function readMeasured (folder: string): Promise<Measured[]> {
  const text = await readFile(join(folder, dataFile), 'utf8').catch(() => '[]')
  return JSON.parse(text) as Measured[]
}
