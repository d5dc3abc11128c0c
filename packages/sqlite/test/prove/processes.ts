import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { execPath } from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { checkLinearizability } from '@miro-oauth/core/testing'
import t from 'tap'
import { sqliteStore } from '../../src/index.js'
import { connect, newFile, requireLibraries, rowOf } from '../fixtures/database.js'

const program = fileURLToPath(new URL('../fixtures/writer.js', import.meta.url))
const rounds = 10
const processes = 4

/** What the processes said was acknowledged. */
interface Acknowledged {
  /** The numbers of each key, in the order in which they were told. */
  numbers: Map<string, number[]>
  errors: string
}

function startWriter (args: string[], told: Acknowledged): ChildProcess {
  const child = spawn(execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let line = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${line}${text}`.split('\n')
    line = lines.pop() ?? ''
    for (const [key = '', number] of lines.map((line) => line.split(' '))) {
      told.numbers.set(key, [...told.numbers.get(key) ?? [], Number(number)])
    }
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { told.errors += text })
  return child
}

for (const library of requireLibraries()) {
  t.test(`kill -9: after ${rounds} rounds of ${processes} writing processes the file is intact and has every acknowledged write (${library.name})`, async (t) => {
    const file = newFile(t)
    const told: Acknowledged = { numbers: new Map(), errors: '' }
    for (let round = 0; round < rounds; round++) {
      const children = Array.from({ length: processes }, (_, index) => startWriter([library.name, file, `own-${index}`], told))
      t.teardown(() => { for (const child of children) child.kill('SIGKILL') })
      const before = told.numbers.get('shared')?.length ?? 0
      const deadline = performance.now() + 60_000
      while ((told.numbers.get('shared')?.length ?? 0) < before + 20 && performance.now() < deadline) await delay(5)
      await delay(round * 3)
      const closed = Promise.all(children.map((child) => once(child, 'close')))
      for (const child of children) child.kill('SIGKILL')
      await closed

      const database = connect(t, library, file)
      const store = sqliteStore({ database })
      t.strictSame(rowOf(database, 'PRAGMA integrity_check'), { integrity_check: 'ok' })
      for (const [key, numbers] of told.numbers) {
        const [number = '', rest] = (await store.get(key))?.body.split(' ') ?? []
        t.equal(rest, number.repeat(5000), 'a body is whole')
        t.ok(Number(number) >= Math.max(...numbers), `${key} has what was acknowledged`)
        t.equal(new Set(numbers).size, numbers.length, `no number of ${key} was acknowledged twice`)
      }
      database.close()
    }
    t.equal(told.errors, '', 'no call failed')
    t.ok((told.numbers.get('shared')?.length ?? 0) >= rounds * 20)
  })

  t.test(`linearizability: eight writers of one process have one order while other processes write (${library.name})`, async (t) => {
    const file = newFile(t)
    const told: Acknowledged = { numbers: new Map(), errors: '' }
    const children = [0, 1].map((index) => startWriter([library.name, file, `own-${index}`], told))
    t.teardown(() => { for (const child of children) child.kill('SIGKILL') })
    while (told.numbers.size < 3 && told.errors === '') await delay(5)
    for (let seed = 1; seed <= 5; seed++) {
      const stores = Array.from({ length: 8 }, () => sqliteStore({ database: connect(t, library, file) }))
      await t.resolves(checkLinearizability(stores, { key: `miro:grant:app:1:${seed}`, writers: 8, operations: 60, seed }))
    }
    t.equal(told.errors, '', 'no call of the others failed')
  })
}
