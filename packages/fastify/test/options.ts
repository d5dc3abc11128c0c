import { readFile } from 'node:fs/promises'
import t from 'tap'
import { levels } from '../src/events/event-log.js'
import { endpointOptions, hookOptions, optionTable, routeOptions, sessionOptions } from '../src/option-table.js'

/** Every row of the tables of options: the names in its first cell, and the rest of it. */
async function readRows (): Promise<Array<{ names: string[], text: string }>> {
  const document = await readFile('../../docs/options.md', 'utf8')
  return Array.from(document.matchAll(/^\| (`[^|]*`) \|(.*)\|$/gm), ([, first = '', text = '']) => ({
    names: Array.from(first.matchAll(/`(\w+)`/g), ([, name]) => String(name)),
    text
  }))
}

t.test('options: the tables of docs/options.md name exactly the options that there are', async (t) => {
  const rows = await readRows()
  t.same(rows.flatMap(({ names }) => names).sort(), Object.keys(optionTable).sort())
})

for (const [option, table] of Object.entries({
  routes: routeOptions,
  session: sessionOptions,
  hooks: hookOptions,
  endpoints: endpointOptions
})) {
  t.test(`options: docs/options.md names every field of ${option}`, async (t) => {
    const row = (await readRows()).find(({ names }) => names.includes(option))
    const named = Array.from(row?.text.matchAll(/`([^`]+)`/g) ?? [], ([, code]) => String(code).split(/[^\w/]+/)).flat()
    t.same(Object.keys(table).filter((name) => !named.includes(name)), [])
  })
}

t.test('events: the table of docs/events.md names every event with its level, and no other', async (t) => {
  const document = await readFile('../../docs/events.md', 'utf8')
  const rows = Array.from(document.matchAll(/^\| `(\w+)` \| (\w+) \|/gm), ([, type = '', level = '']) => [type, level])
  t.same(Object.fromEntries(rows), levels)
})
