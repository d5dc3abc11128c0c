import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { anchorsOf, findTarget, listDocuments, proseOf, readBlocks, readDocument, root } from './fixtures/documents.js'
import { isThere, placesOf } from './fixtures/shown-by.js'

const documents = listDocuments()
const mostWords = 1300
const fewestWords = 8

/** The examples are copied folder by folder, and the benchmark writes each of its results: each says what it needs. */
const standAlone = /^(examples\/(server|connect|panel)|benchmarks\/results)\//

/** The links of a document that lead into the repository. */
function linksOf (markdown: string): string[] {
  const links = proseOf(markdown).matchAll(/\]\(([^)\s]+)\)/g)
  return Array.from(links, ([, link = '']) => link).filter((link) => !/^[a-z]+:/.test(link))
}

function problemOf (document: string, link: string): string | null {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? document : findTarget(join(dirname(document), path))
  if (target === null) return `${document}: ${link} leads nowhere`
  if (anchor === undefined || !target.endsWith('.md')) return null
  return anchorsOf(readDocument(target)).has(anchor) ? null : `${document}: ${link} names no heading of ${target}`
}

function problemsOfLinks (document: string, markdown: string): string[] {
  return linksOf(markdown).flatMap((link) => problemOf(document, link) ?? [])
}

/**
 * The sentences of a document, in lower case and without markup. Cells of tables and items of lists end them too, and
 * names of tests are none.
 */
function sentencesOf (markdown: string): string[] {
  const parts = proseOf(markdown).replaceAll(/`[\w/-]+\.\w+: [^`]+`/g, '').split(/\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )|\n(?=[|#>])|(?<!\\)\|/)
  return parts.flatMap((part) => {
    const text = part.replaceAll(/\]\([^)]*\)/g, '').replaceAll(/[`*_>[\]]/g, '').replaceAll(/\s+/g, ' ')
    return text.split(/(?<=[.!?:;]) /).map((sentence) => sentence.trim().toLowerCase().replace(/^- |[.!?:;]+$/g, ''))
  })
}

/** Sentences of at least eight words that stand in more than one of the documents. */
function repeatedSentences (texts: Record<string, string>): string[] {
  const places = new Map<string, Set<string>>()
  for (const [document, markdown] of Object.entries(texts)) {
    for (const sentence of sentencesOf(markdown)) {
      if (sentence.split(' ').length < fewestWords) continue
      places.set(sentence, (places.get(sentence) ?? new Set()).add(document))
    }
  }
  return Array.from(places).filter(([, names]) => names.size > 1).map(([sentence, names]) => `${[...names].join(', ')}: ${sentence}`)
}

t.test('documents: every link leads to a file, and to a heading where it names one', async (t) => {
  t.ok(documents.length > 20)
  t.same(documents.flatMap((document) => problemsOfLinks(document, readDocument(document))), [])

  t.same(problemsOfLinks('README.md', '[a](docs/options.md#routes-and-pages) [b](packages/core#errors) [c](https://miro.com/none)'), [])
  t.same(problemsOfLinks('docs/options.md', '[a](none.md) [b](#none) [c](../packages/core#none)'), [
    'docs/options.md: none.md leads nowhere',
    'docs/options.md: #none names no heading of docs/options.md',
    'docs/options.md: ../packages/core#none names no heading of packages/core/README.md'
  ])
})

t.test('documents: no sentence of eight words or more stands in two of them', async (t) => {
  const compared = documents.filter((document) => !standAlone.test(document))
  t.same(repeatedSentences(Object.fromEntries(compared.map((document) => [document, readDocument(document)]))), [])

  const sentence = 'A sentence of as many words as are compared.'
  t.same(repeatedSentences({ a: `First. ${sentence}`, b: '- `A` sentence of as many\n  words as are **compared**. Last.' }).length, 1)
  t.same(repeatedSentences({ a: `${sentence} ${sentence}`, b: 'A shorter one of a few words.' }), [])
})

t.test('documents: the README is a map: at most 1,300 words, counted as wc -w does, without its blocks of code', async (t) => {
  const words = proseOf(readDocument('README.md')).split(/\s+/).filter((word) => word !== '')
  t.ok(words.length <= mostWords, `it has ${words.length} words`)
})

/** The rows of a document's table under a heading, or of its only one: the cells of each. */
function rowsOf (document: string, heading = /^/): string[][] {
  const [, section = ''] = readDocument(document).split(heading)
  const lines = section.split(/^## /m)[0]?.match(/^\|.*\|$/gm) ?? []
  return lines.slice(2).map((line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim()))
}

t.test('documents: each row of the README\'s comparison has a test, or a table of chaos or the benchmarks', async (t) => {
  const rows = rowsOf('README.md', /^## Beside what people use today$/m)
  const shown = new Map(rowsOf('docs/comparison.md', /(?=^\| row)/m).map(([row = '', cell = '']) => [row, cell]))
  t.ok(rows.length > 5)
  t.same(rows.map(([row]) => row), [...shown.keys()])
  for (const [row, cell] of shown) {
    const places = placesOf(cell)
    t.ok(places.length > 0 || /\]\(\.\.\/(chaos#results|benchmarks)/.test(cell), row)
    t.same(places.filter((place) => !isThere(place)), [], row)
  }
})

t.test('documents: docs/errors.md has every warning that the packages print', async (t) => {
  const sources = ['core', 'fastify', 'postgres', 'redis', 'sqlite'].flatMap((name) => {
    const folder = join(root, 'packages', name, 'src')
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => join(folder, file))
  })
  const printed = sources.flatMap((file) => readFileSync(file, 'utf8').match(/(?<=emitWarning\(.*code: ')\w+/g) ?? [])
  t.ok(printed.length > 4)
  t.same(rowsOf('docs/errors.md', /^## Warnings$/m).map(([code]) => code?.replaceAll('`', '')).sort(), printed.sort())
})

t.test('documents: the picture of docs/architecture.md names files that there are', async (t) => {
  const [picture = ''] = readBlocks('docs/architecture.md', 'mermaid')
  const parts = picture.split(/subgraph \w+ \["/).slice(1).map((part) => {
    const [folder = '', ...lines] = part.split('\n')
    const [inside = ''] = lines.join('\n').split(/^ {2}end$/m)
    return { folder: folder.replace('"]', ''), files: inside.match(/[\w/-]+\.ts/g) ?? [] }
  })
  t.same(parts.map(({ folder }) => folder), ['packages/fastify/src', 'packages/core/src'])
  for (const { folder, files } of parts) {
    t.ok(files.length > 5)
    t.same(files.filter((file) => findTarget(join(folder, file)) === null), [])
  }
})

t.test('documents: every block of JSON is JSON', async (t) => {
  const blocks = documents.flatMap((document) => readBlocks(document, 'json'))
  t.ok(blocks.length > 1)
  for (const block of blocks) t.doesNotThrow(() => { JSON.parse(block) }, block)
})
