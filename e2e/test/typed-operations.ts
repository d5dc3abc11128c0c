import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { operations } from '@miro-oauth/core/internal'
import t from 'tap'
import { readMiroDocument } from './fixtures/openapi/document.js'

const readme = join(resolve('..'), 'packages/core/README.md')
const miroOpenapi = process.env['MIRO_OPENAPI'] ?? ''

/** A row of the table: its resources, and how many of their operations are typed. */
interface Row {
  resources: string[]
  typed: number
  total: number
}

function readRows (markdown: string): Row[] {
  const [, section = ''] = markdown.split('### Which operations are typed')
  return Array.from(section.matchAll(/^\| (.*) \| (\d+) of (\d+) \|$/gm), ([, cells = '', typed, total]) => ({
    resources: Array.from(cells.matchAll(/`([^`]+)`/g), ([, name = '']) => name),
    typed: Number(typed),
    total: Number(total)
  }))
}

/** What an operation is counted under: what follows a board's id, else the beginning of its path. */
function resourceOf (path: string): string {
  const [, version = '', area = '', , below] = path.split('/')
  if (version === 'v2' && area === 'boards') return below ?? '/v2/boards'
  return version === 'v1' || (version === 'v2' && area !== '') ? `/${version}/${area}` : `/${version}`
}

function countOf (paths: string[], { resources }: Row): number {
  return paths.filter((path) => resources.length === 0 || resources.includes(resourceOf(path))).length
}

const typedPaths = Object.values(operations).map((operation) => operation.split(' ')[1] ?? '')

/** The paths of the document's operations, one for each; `null` without the document. */
function readDocumentedPaths (): string[] | null {
  return miroOpenapi === '' ? null : readMiroDocument(miroOpenapi).operations.map(({ path }) => path)
}

function problemsOf (markdown: string): string[] {
  const rows = readRows(markdown)
  const documented = readDocumentedPaths()
  const named = rows.flatMap(({ resources }) => resources)
  const missing = [...typedPaths, ...documented ?? []].map(resourceOf).filter((resource) => !named.includes(resource))
  const sum = rows.slice(0, -1).reduce((sum, { total }) => sum + total, 0)
  return [
    ...Array.from(new Set(missing), (resource) => `no row has ${resource}`),
    ...rows.flatMap((row) => problemsOfRow(row, documented)),
    ...sum === rows.at(-1)?.total ? [] : [`all should be ${sum}`]
  ]
}

function problemsOfRow (row: Row, documented: string[] | null): string[] {
  const typed = countOf(typedPaths, row)
  const total = documented === null ? row.total : countOf(documented, row)
  return row.typed === typed && row.total === total ? [] : [`${row.resources.join()}: ${typed} of ${total}`]
}

t.test('typed operations: the table of core\'s README has the numbers of the table of operations, and of Miro\'s document', async (t) => {
  const markdown = readFileSync(readme, 'utf8')
  t.same(problemsOf(markdown), [])
  for (const [from, to, problem] of [
    ['11 of 11', '10 of 11', 'items: 11 of 11'],
    ['| 80 of 197', '| 81 of 197', ': 80 of 197'],
    ['`docs` | 0 of 3', '`docs` | 0 of 4', /should be 198$/],
    ['`texts`, `shapes`, `cards`, `app_cards`', '`shapes`, `cards`, `app_cards`', 'no row has texts']
  ] as const) t.ok(problemsOf(markdown.replace(from, to)).some((found) => found.match(problem) !== null), `${to} is found`)
})
