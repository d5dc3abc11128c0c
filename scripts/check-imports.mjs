// Fails on import circles, types included, between files and between the folders of a package's sources, and on files of
// packages that the map in CONTRIBUTING.md and the README of refresh/ do not name.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import ts from 'typescript'

const roots = ['packages', 'examples'].flatMap((folder) => readdirSync(folder).map((name) => join(folder, name, 'src')))
  .concat('chaos/src', 'benchmarks/src', 'verify-live/src', 'test-servers/src')
  .filter((root) => statSync(root, { throwIfNoEntry: false })?.isDirectory())

/** Roots whose folders are no layers. */
const intertwined = new Set(['packages/emulator/src', 'chaos/src'].map((root) => join(root)))

let circles = 0
for (const root of roots) {
  const files = importsOf(root)
  report(root, 'files', files)
  if (!intertwined.has(root)) report(root, 'folders', foldersOf(root, files))
}
const unnamed = unnamedFiles()
for (const file of unnamed) console.error(`${file}: CONTRIBUTING.md does not say what it is for`)
process.exitCode = circles === 0 && unnamed.length === 0 ? 0 : 1

function unnamedFiles () {
  const map = readFileSync('CONTRIBUTING.md', 'utf8') + readFileSync('packages/core/src/refresh/README.md', 'utf8')
  const files = roots.filter((root) => root.startsWith('packages')).flatMap((root) => [...importsOf(root).keys()])
  return files.filter((file) => !map.includes(`${basename(file)}\``))
}

/** Which files of a root each file imports. */
function importsOf (root) {
  const names = readdirSync(root, { recursive: true }).filter((name) => name.endsWith('.ts')).map((name) => join(root, name))
  return new Map(names.map((name) => {
    const imported = ts.preProcessFile(readFileSync(name, 'utf8'), true, true).importedFiles.map(({ fileName }) => fileName)
    const inside = imported.filter((target) => target.startsWith('.')).map((target) => relative('.', resolve(dirname(name), target)))
    return [name, new Set(inside.map((target) => target.replace(/\.js$/, '.ts')))]
  }))
}

/** The same for the folders directly in a root. A file that stands there by itself counts as a folder. */
function foldersOf (root, files) {
  const folderOf = (file) => relative(root, file).split(sep)[0]
  const folders = new Map()
  for (const [file, imported] of files) {
    const folder = folders.get(folderOf(file)) ?? new Set()
    for (const target of imported) if (folderOf(target) !== folderOf(file)) folder.add(folderOf(target))
    folders.set(folderOf(file), folder)
  }
  return folders
}

function report (root, what, graph) {
  for (const circle of findCircles(graph)) {
    circles++
    console.error(`${root}: ${what} that import each other in a circle: ${circle.join(', ')}`)
  }
}

/** Tarjan's strongly connected components with more than one member. */
function findCircles (graph) {
  const found = []
  const stack = []
  const marks = new Map()
  const visit = (node) => {
    const mark = { index: marks.size, low: marks.size, isOpen: true }
    marks.set(node, mark)
    stack.push(node)
    for (const next of graph.get(node) ?? []) {
      const seen = marks.get(next) ?? visit(next)
      if (seen.isOpen) mark.low = Math.min(mark.low, seen.low)
    }
    if (mark.low < mark.index) return mark
    const members = stack.splice(stack.indexOf(node))
    for (const member of members) marks.get(member).isOpen = false
    if (members.length > 1) found.push(members.sort())
    return mark
  }
  for (const node of graph.keys()) if (!marks.has(node)) visit(node)
  return found
}
