import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root } from './fixtures/documents.js'
import { isThere, placesOf } from './fixtures/shown-by.js'

const document = 'docs/standards.md'
const verdicts = ['holds', 'partly', 'fails', 'host'] as const

/** A line of one of the tables of clauses. */
interface Row {
  /** The heading of its table. */
  standard: string
  clause: string
  verdict: string
  shownBy: string
  reason: string
}

function readRows (markdown: string): Row[] {
  return markdown.split(/^## /m).flatMap((section) => {
    const [standard = '', ...lines] = section.split('\n')
    const start = lines.findIndex((line) => line.startsWith('| clause | requirement |'))
    return start === -1 ? [] : lines.slice(start + 2).filter((line) => line.startsWith('|')).map((line) => toRow(standard, line))
  })
}

function toRow (standard: string, line: string): Row {
  const [, clause = '', , verdict = '', shownBy = '', reason = ''] = line.split('|').map((cell) => cell.trim())
  return { standard, clause, verdict, shownBy, reason }
}

function needsReason ({ standard, clause, verdict }: Row): boolean {
  const isStrict = standard.startsWith('RFC 9700') || (standard.startsWith('OWASP ASVS') && / L[12]$/.test(clause))
  return isStrict && (verdict === 'partly' || verdict === 'fails')
}

function problemsOfRow (row: Row): string[] {
  const places = placesOf(row.shownBy)
  return [
    ...verdicts.some((verdict) => verdict === row.verdict) ? [] : [`the verdict ${row.verdict} is not known`],
    ...places.length > 0 || row.verdict === 'fails' ? [] : ['nothing shows it'],
    ...places.filter((place) => !isThere(place)).map(({ path, words }) => `${path} has no ${words}`),
    ...needsReason(row) && row.reason === '' ? ['the reason is missing'] : []
  ].map((problem) => `${row.clause}: ${problem}`)
}

/** Without its level, a clause stands once in its table. */
function repeatedClauses (rows: Row[]): string[] {
  const names = rows.map(({ standard, clause }) => `${standard}: ${clause.replace(/ L\d$/, '')}`)
  return names.filter((name, index) => names.indexOf(name) < index).map((name) => `${name} comes twice`)
}

function summaryOf (rows: Row[]): string {
  const countOf = (verdict: string): number => rows.filter((row) => row.verdict === verdict).length
  const [holds = 0, partly = 0, fails = 0, host = 0] = verdicts.map(countOf)
  return `**Of ${rows.length} clauses ${holds} \`holds\`, ${partly} \`partly\`, ${fails} \`fails\` and ${host} \`host\`.**`
}

function problemsOf (markdown: string): string[] {
  const rows = readRows(markdown)
  const summary = summaryOf(rows)
  return [
    ...rows.flatMap(problemsOfRow),
    ...repeatedClauses(rows),
    ...markdown.includes(summary) ? [] : [`the summary should read ${summary}`]
  ]
}

t.test('standards: every clause names a test that exists or says who owes it, once, and the numbers are right', async (t) => {
  const markdown = readFileSync(join(root, document), 'utf8')
  t.ok(readRows(markdown).length > 200)
  t.same(problemsOf(markdown), [])
})

t.test('standards: a wrong row is noticed', async (t) => {
  const head = '\n| clause | requirement | verdict | shown by | reason |\n|---|---|---|---|---|\n'
  const shown = '`e2e/test/standards.ts: a wrong row is noticed`'
  const tableOf = (heading: string, ...rows: string[]): string => `## ${heading}\n${head}${rows.join('\n')}\n`
  const right = `${tableOf('RFC 9700', `| 1 | x | holds | ${shown} | |`, '| 2 | x | fails | | because |')}
${tableOf('Others', '| 1 | x | host | `README.md: Ten lines` | |')}
**Of 3 clauses 1 \`holds\`, 0 \`partly\`, 1 \`fails\` and 1 \`host\`.**`
  t.same(problemsOf(right), [])
  for (const [from, to, problem] of [
    ['a wrong row is noticed', 'a right row is noticed', '1: e2e/test/standards.ts has no a right row is noticed'],
    ['e2e/test/standards.ts', 'e2e/test/none.ts', '1: e2e/test/none.ts has no a wrong row is noticed'],
    ['Ten lines', 'Eleven lines', '1: README.md has no Eleven lines'],
    [shown, '', '1: nothing shows it'],
    ['because', '', '2: the reason is missing'],
    ['| 2 |', '| 1 |', 'RFC 9700: 1 comes twice']
  ] as const) t.same(problemsOf(right.replace(from, to)), [problem])
  t.match(problemsOf(right.replace('holds', 'hold')), ['1: the verdict hold is not known', /^the summary should read \*\*Of 3 clauses 0/])
  t.match(problemsOf(right.replace('Of 3', 'Of 4')), [/^the summary should read \*\*Of 3 clauses 1/])
})
