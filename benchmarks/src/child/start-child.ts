import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process of its own, which answers questions. */
export interface Child {
  /** Its first message. */
  ready: unknown
  /** @throws {Error} it failed, or ended before it answered */
  ask: (name: string, input?: unknown) => Promise<unknown>
  close: () => Promise<void>
}

interface Waiting {
  resolve: (value: unknown) => void
  reject: (error: Error) => void
}

/** Starts a module that calls `serve`. `input` is JSON; `execArgv` are options of Node.js, such as `--cpu-prof`. */
export async function startChild (module: URL, input: unknown, execArgv: string[] = []): Promise<Child> {
  const child = fork(fileURLToPath(module), [JSON.stringify(input)], { execArgv })
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  const answerTo = (id: number): Promise<unknown> => {
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
  }
  child.on('message', (message) => {
    const { id, value, error } = message as { id: number, value?: unknown, error?: string }
    if (error === undefined) waiting.get(id)?.resolve(value)
    else waiting.get(id)?.reject(new Error(error))
    waiting.delete(id)
  })
  child.once('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('A child process did not start, or ended too early.'))
  })
  const ready = await answerTo(0)
  return {
    ready,
    ask (name, questionInput) {
      const answer = answerTo(++lastId)
      child.send({ id: lastId, name, input: questionInput })
      return answer
    },
    async close () {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    }
  }
}

/** An answer that is numbers by name. @throws {TypeError} it is something else */
export function toNumbers (answer: unknown): Record<string, number> {
  const entries = Object.entries(typeof answer === 'object' && answer !== null ? answer : {})
  return Object.fromEntries(entries.map(([name, value]) => {
    if (typeof value !== 'number') throw new TypeError(`A child process answered ${name} with no number.`)
    return [name, value]
  }))
}
