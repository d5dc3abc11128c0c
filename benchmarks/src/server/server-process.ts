import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { path } from '../scenarios/scenario.js'
import type { Target } from '../load/connection.js'
import { isReady, isUsage, question } from './messages.js'

/** A scenario that runs in a process of its own. */
export interface ServerProcess {
  name: string
  target: Target
  /** Processor time it has used so far, in microseconds. */
  usedMicros: () => Promise<number>
  close: () => Promise<void>
}

/** Starts a {@link ServerProcess}. `execArgv` are options of Node.js, such as `--cpu-prof`. */
export async function startServer (name: string, execArgv: string[] = []): Promise<ServerProcess> {
  const child = fork(fileURLToPath(new URL('server.js', import.meta.url)), [name], { execArgv })
  const { port, cookie } = await answer(child, isReady)
  return {
    name,
    target: { port, path, cookie },
    async usedMicros () {
      const usage = answer(child, isUsage)
      child.send(question)
      const { user, system } = await usage
      return user + system
    },
    async close () {
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    }
  }
}

/** The next message that is `expected`. Throws when the process ends instead. */
async function answer<T> (child: ChildProcess, isExpected: (message: unknown) => message is T): Promise<T> {
  const over = new AbortController()
  try {
    const [message]: unknown[] = await Promise.race([
      once(child, 'message', { signal: over.signal }),
      once(child, 'exit', { signal: over.signal })
    ])
    if (isExpected(message)) return message
    throw new Error('A server did not start, or ended before its time.')
  } finally {
    over.abort()
  }
}
