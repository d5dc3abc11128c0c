import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { path } from '../scenarios/scenario.js'
import type { Target } from '../load/connection.js'
import { isReady, isUsage, question } from './messages.js'

/** The server of one scenario, as a process of its own. */
export interface ServerProcess {
  name: string
  target: Target
  /** The processor time that it has used so far, in microseconds. */
  usedMicros: () => Promise<number>
  close: () => Promise<void>
}

/** Starts the server of a scenario. `execArgv` are options of Node.js, such as `--cpu-prof`. */
export async function startServer (name: string, execArgv: string[] = []): Promise<ServerProcess> {
  const child = fork(fileURLToPath(new URL('server.js', import.meta.url)), [name], { execArgv })
  const { port, cookie } = await nextMessage(child, isReady)
  return {
    name,
    target: { port, path, cookie },
    async usedMicros () {
      const usage = nextMessage(child, isUsage)
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

/**
 * Waits for the next message.
 *
 * @throws {Error} it is not the expected one, or the process ended
 */
async function nextMessage<T> (child: ChildProcess, isExpected: (message: unknown) => message is T): Promise<T> {
  const done = new AbortController()
  try {
    const [message]: unknown[] = await Promise.race([
      once(child, 'message', { signal: done.signal }),
      once(child, 'exit', { signal: done.signal })
    ])
    if (isExpected(message)) return message
    throw new Error('A server did not start, or ended too early.')
  } finally {
    done.abort()
  }
}
