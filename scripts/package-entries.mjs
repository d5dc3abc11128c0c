/**
 * The sources that a package's users import or run, without `src/` and `.ts`: `index`, `testing/index`.
 *
 * @param {{ exports: Record<string, string | { default: string }>, bin?: Record<string, string> }} manifest its package.json
 * @returns {string[]}
 */
export function entriesOf ({ exports, bin = {} }) {
  const files = [...Object.values(exports).map((entry) => entry.default ?? entry), ...Object.values(bin)]
  return files.flatMap((file) => /^\.\/dist\/(.*)\.js$/.exec(file)?.[1] ?? [])
}
