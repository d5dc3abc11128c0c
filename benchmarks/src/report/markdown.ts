import type { Cell, Measured, Row, Table } from './result.js'

/** The report of a section as Markdown. */
export function toMarkdown ({ run, result }: Measured): string {
  const busy = run.isBusy ? ['> **The machine was busy with other programs: these numbers show the format, and nothing else.**', ''] : []
  const versions = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`).join(', ')
  return [
    `# ${result.title}`,
    '',
    '<!-- Written by `npm run bench`. -->',
    '',
    ...busy,
    ...result.method.flatMap((line) => [line, '']),
    ...result.noise === null ? [] : [result.noise, ''],
    ...result.tables.flatMap(toTable),
    `${result.rounds} ${result.rounds === 1 ? 'round' : 'rounds'}, seed ${run.seed}, ${run.date}. Node.js ${run.node}; ${run.machine}; ${run.load}. ${versions}.`,
    '',
    `\`${run.command}\``,
    ''
  ].join('\n')
}

/** The page that a folder of reports shows. */
export function toIndex (all: readonly Measured[]): string {
  return [
    '# Results of the benchmarks',
    '',
    '<!-- Written by `npm run bench`. -->',
    '',
    'What the rows are, and how they are measured, is in [the README of the benchmarks](../README.md).',
    '',
    '![What requests, sign-ins and refreshes cost, beside what people use today](chart.svg)',
    '',
    ...all.map(({ name, run, result }) => `- [${result.title}](${name}.md), ${run.date}${run.isBusy ? ', on a busy machine' : ''}`),
    ''
  ].join('\n')
}

function toTable ({ title, head, rows }: Table): string[] {
  return [
    `## ${title}`,
    '',
    toLine(['', ...head]),
    toLine(['---', ...head.map(() => '---:')]),
    ...rows.map((row) => toLine([row.title, ...row.cells.map(toText)])),
    ''
  ]
}

function toLine (cells: string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** A table for a terminal. The columns after the first are aligned to the right. */
export function toPlainTable (table: Table): string {
  const rows = table.rows.map(({ title, cells }: Row) => [title, ...cells.map(toText)])
  const lines = [[table.title, ...table.head], ...rows]
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? []
  return lines.map((line) => line.map((cell, column) => {
    const width = widths[column] ?? 0
    return column === 0 ? cell.padEnd(width) : cell.padStart(width)
  }).join('  ').trimEnd()).join('\n')
}

/** The median, and its interval where there is more than one value. */
export function toText (cell: Cell): string {
  if (typeof cell === 'string') return cell
  const { spread: { median, lower, upper, count }, digits } = cell
  const style = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  const format = (value: number): string => value.toLocaleString('en', style)
  return count === 1 ? format(median) : `${format(median)} (${format(lower)}..${format(upper)})`
}
