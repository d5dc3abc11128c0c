import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'

/** The last line of a script that reads from a store which holds no socket, and its exit code. */
async function runScript (answer: string, ms: number): Promise<{ stdout: string, code: number }> {
  const script = `
    const { guardedStore } = await import(${JSON.stringify(import.meta.resolve('../../src/store/guarded-store.js'))})
    const { systemClock } = await import(${JSON.stringify(import.meta.resolve('../../src/clock.js'))})
    const get = async () => { ${answer} }
    const store = guardedStore({ get, cas: get }, { clock: systemClock, ms: ${ms} })
    console.log(await store.get('a').catch(({ code }) => code))`
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
  const ended = (code: number, { stdout }: { stdout: string }): { stdout: string, code: number } => ({ stdout, code })
  return run.then((result) => ended(0, result), (error: { stdout: string, code: number }) => ended(error.code, error))
}

t.test('store: a script whose store never answers is told so, in place of Node\'s exit code 13', async (t) => {
  t.strictSame(await runScript('await new Promise(() => {})', 300), { stdout: 'MIRO_STORE\n', code: 0 })
})

t.test('store: a script ends as soon as its call is answered, and not an hour later when its timer rings', async (t) => {
  t.strictSame(await runScript('await new Promise((resolve) => setTimeout(resolve, 20)); return null', 3_600_000), { stdout: 'null\n', code: 0 })
})
