import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readDocument, root } from './fixtures/documents.js'

/** A block of a document, and the file that it is taken from. */
interface Example {
  path: string
  code: string
}

/** Each block of code, with the file that is linked right before it by its own path. */
function readExamples (markdown: string): Example[] {
  const parts = markdown.split(/^```[jt]s$/m)
  return parts.slice(1).map((part, index) => {
    const [, path = ''] = /From\s\[`([^`]+)`\]\(\1\):\s*$/.exec(parts[index] ?? '') ?? []
    return { path, code: part.split(/^```$/m)[0] ?? '' }
  })
}

/** The lines of a text, without the blanks before and behind them, and without empty lines. */
function linesOf (text: string): string[] {
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '')
}

/** Whether the parts of an example, which `// …` parts, stand in their file in this order. */
function isIn ({ code }: Example, source: string): boolean {
  const text = linesOf(source).join('\n')
  let from = 0
  for (const part of code.split(/^\s*\/\/ …$/m)) {
    const lines = linesOf(part).join('\n')
    const found = text.indexOf(lines, from)
    if (found === -1) return false
    from = found + lines.length
  }
  return true
}

function problemsOf (markdown: string, folder = ''): string[] {
  return readExamples(markdown).flatMap((example) => {
    const path = join(root, folder, example.path)
    if (example.path === '' || !existsSync(path)) return [`a block names no file: ${linesOf(example.code)[0]}`]
    return isIn(example, readFileSync(path, 'utf8')) ? [] : [`${example.path} has no ${linesOf(example.code)[0]}`]
  })
}

t.test('examples: every block of EXAMPLES.md stands in the tested file that it names', async (t) => {
  const markdown = readDocument('EXAMPLES.md')
  t.ok(readExamples(markdown).length > 10)
  t.same(problemsOf(markdown), [])
  t.match(problemsOf(markdown.replace('stickyNotes.create', 'stickyNote.create')), [/boards\.ts has no/])
  t.match(problemsOf(markdown.replaceAll('boards.ts', 'bards.ts')), [/names no file/])
  t.match(problemsOf(markdown.replace(/From \[[^\n]*/, '')), [/names no file/])
})

for (const name of ['connect', 'panel']) {
  t.test(`examples: every block of the README of examples/${name} stands in the file that it names`, async (t) => {
    const markdown = readDocument(`examples/${name}/README.md`)
    t.ok(readExamples(markdown).length > 0)
    t.same(problemsOf(markdown, `examples/${name}`), [])
  })
}
