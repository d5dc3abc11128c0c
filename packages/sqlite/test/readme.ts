import { readFile } from 'node:fs/promises'
import t from 'tap'
import { schema } from '../src/schema.js'

t.test('readme: its examples are files that compile, and its table is the one that is created', async (t) => {
  const readme = await readFile('README.md', 'utf8')
  const blocks = Array.from(readme.matchAll(/^```ts\n(.*?)^```/gms), ([, code = '']) => code.replaceAll(/process\.env\.(\w+)/g, "process.env['$1']"))
  t.strictSame(blocks, await Promise.all(['quick-start', 'sweep-miro'].map((name) => readFile(`test/fixtures/${name}.ts`, 'utf8'))))
  t.ok(readme.includes(schema))
})
