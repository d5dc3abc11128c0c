export type Row = [name: string, value: string]

/** One column of a table: a name, and a value for each row. */
export interface Column {
  name: string
  rows: Row[]
}

/** A Markdown table with the columns side by side. A cell is empty where a column has no row of that name. */
export function toTable (columns: readonly Column[]): string {
  const names = columns.reduce<string[]>((known, { rows }) => merge(known, rows.map(([name]) => name)), [])
  const lines = names.map((name) => [name, ...columns.map(({ rows }) => rows.find(([row]) => row === name)?.[1] ?? '')])
  const head = ['', ...columns.map(({ name }) => name)]
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** Inserts each name that is new behind the name that precedes it in `names`. */
function merge (known: readonly string[], names: readonly string[]): string[] {
  const merged = [...known]
  let at = -1
  for (const name of names) {
    const found = merged.indexOf(name)
    if (found === -1) merged.splice(++at, 0, name)
    else at = found
  }
  return merged
}
