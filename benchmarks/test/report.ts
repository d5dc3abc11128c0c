import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { platform, tmpdir } from 'node:os'
import t from 'tap'
import { noiseLine } from '../src/report/cells.js'
import { toSvg } from '../src/report/chart.js'
import { toMarkdown, toPlainTable, toText } from '../src/report/markdown.js'
import type { Measured } from '../src/report/result.js'
import { prepareResults, writeResults } from '../src/report/write-results.js'
import { spreadOf } from '../src/measure/statistics.js'

const spread = spreadOf([0.8, 0.9, 1, 0.85, 0.95, 0.9])

function section (name: string, isBusy = false): Measured {
  return {
    name,
    run: {
      date: '2026-01-02', node: 'v24.0.0', versions: { fastify: '5.12.8', redis: '7.0.15' }, machine: '2 cores, 8 GiB, linux', load: 'other programs used 3 % of the processors before it began', isBusy, seed: 7, command: 'npm run bench'
    },
    result: {
      title: `Section ${name}`,
      method: ['How it was measured.'],
      noise: noiseLine('the first row again', spread),
      rounds: 6,
      tables: [{ title: 'Rows', head: ['ratio', 'note'], rows: [{ title: '`a` & <b>', cells: [{ spread, digits: 2 }, 'none'] }] }],
      chart: { title: 'Bars', bars: [{ title: '`a` & <b>', spread, isOurs: true }], digits: 2 }
    }
  }
}

t.test('markdown: a report says the numbers with their interval, the noise, and how to repeat it', (t) => {
  const text = toMarkdown(section('x'))
  for (const part of [
    '# Section x', '|  | ratio | note |', '| `a` & <b> | 0.90 (0.80..1.00) | none |', 'differences below 0.20 say nothing',
    '6 rounds, seed 7, 2026-01-02. Node.js v24.0.0; 2 cores, 8 GiB, linux; other programs used 3 % of the processors before it began. fastify 5.12.8, redis 7.0.15.', '`npm run bench`'
  ]) t.ok(text.includes(part), part)
  t.notOk(text.includes('busy'))
  t.match(toMarkdown(section('x', true)), /The machine was busy/)
  t.end()
})

t.test('noise: too few rounds say nothing about it', (t) => {
  t.match(noiseLine('x', spreadOf([1, 1, 1])), /too few rounds/)
  t.end()
})

t.test('cells: one value has no interval, and thousands are set apart', (t) => {
  t.equal(toText({ spread: spreadOf([12_345.678]), digits: 1 }), '12,345.7')
  t.equal(toText('text'), 'text')
  t.match(toPlainTable({ title: 'T', head: ['x'], rows: [{ title: 'row', cells: ['1'] }, { title: 'r', cells: ['22'] }] }), 'T     x\nrow   1\nr    22')
  t.end()
})

t.test('chart: it has a title, a description with the numbers, a background, and colours for light and dark', (t) => {
  const svg = toSvg([{ title: 'Bars & more', bars: [{ title: '`a` <b>', spread, isOurs: true }], digits: 2 }], 'A note.')
  t.match(svg, '>A note.</text>')
  t.match(svg, /^<svg [^>]*role="img" aria-labelledby="title description">/)
  t.match(svg, '<desc id="description">Bars &amp; more: a &lt;b&gt; 0.90.</desc>')
  t.match(svg, '<rect class="back" width="960"')
  t.match(svg, '@media (prefers-color-scheme: dark)')
  t.notMatch(svg, /NaN|undefined/)
  t.end()
})

t.test('results: a run of one section leaves what another run measured of the others', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'miro-bench-results-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await writeResults(folder, [section('b'), section('a')], ['a', 'b'])
  await writeResults(folder, [section('b', true)], ['a', 'b'])
  t.strictSame((await readdir(folder)).sort(), ['README.md', 'a.md', 'b.md', 'chart.svg', 'results.json'])
  const all = JSON.parse(await readFile(join(folder, 'results.json'), 'utf8')) as Measured[]
  t.match(await readFile(join(folder, 'README.md'), 'utf8'), '- [Section a](a.md), 2026-01-02\n- [Section b](b.md), 2026-01-02, on a busy machine\n')
  t.strictSame(all.map(({ name, run: { isBusy } }) => [name, isBusy]), [['a', false], ['b', true]])
})

t.test('report: a folder that cannot be written to is refused before anything is measured', async (t) => {
  const folder = t.testdir({ file: 'text', other: { 'results.json': 'text' } })
  await prepareResults(join(folder, 'one', 'two'))
  await prepareResults(join(folder, 'one', 'two'))
  const wrong: Array<[path: string, reason: string]> = [[join(folder, 'file'), 'ENOTDIR'], [join(folder, 'file', 'one'), 'ENOTDIR'], [join(folder, 'other'), 'results.json in it is no report']]
  // Here `mkdir` of Node with `recursive` never ends.
  if (platform() === 'linux') wrong.push(['/proc/one/two', 'ENOENT'])
  for (const [path, reason] of wrong) {
    await t.rejects(prepareResults(path), new Error(`--out: reports cannot be written to this folder (${reason}).`))
  }
})
