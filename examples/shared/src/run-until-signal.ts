import type { Closable, CloseAtEnd } from './closable.js'
import { startFailureLine } from './start-failure.js'

/**
 * Runs `start`, and closes what it opened when SIGINT or SIGTERM comes, or when `start` fails.
 *
 * The last opened part is closed first: a server finishes its requests while the store and the stand-in still answer. A
 * failed start prints one line and ends the process with exit code 1.
 */
export async function runUntilSignal (start: (closeAtEnd: CloseAtEnd) => Promise<void>): Promise<void> {
  const opened: Closable[] = []
  let closing: Promise<void> | undefined

  async function closeAll (): Promise<void> {
    for (let part = opened.pop(); part !== undefined; part = opened.pop()) await part.close()
  }

  // Ctrl-C arrives twice, from the terminal and again from npm: the second signal must not end the process mid-close.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => { closing ??= closeAll() })

  try {
    await start((part) => { opened.push(part) })
  } catch (error) {
    process.exitCode = 1
    console.error(startFailureLine(error))
    closing ??= closeAll()
  }
  if (closing === undefined) return
  await closing
  // A signal during the start closed what was open by then, and `start` went on opening.
  await closeAll()
}
