/** One column of a table: a name, and a value for each row. */
export interface Column {
  name: string
  rows: Array<[name: string, value: string]>
}

/** A Markdown table of columns side by side; a row that a column does not have stays empty. */
export function toTable (columns: readonly Column[]): string {
  const names = columns.reduce<string[]>((known, { rows }) => merge(known, rows.map(([name]) => name)), [])
  const lines = names.map((name) => [name, ...columns.map(({ rows }) => rows.find(([row]) => row === name)?.[1] ?? '')])
  const head = ['', ...columns.map(({ name }) => name)]
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** Names that only a later column has, behind the one that they follow there. */
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
