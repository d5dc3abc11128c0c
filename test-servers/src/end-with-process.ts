import type { ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import { constants } from 'node:os'

interface Ending {
  /** What ends the server at once. */
  signal: NodeJS.Signals
  /** Where its data are: 40 MB for PostgreSQL. */
  folder: string
}

const servers = new Map<ChildProcess, Ending>()

/** Ends a server and removes its folder when this process ends, by itself or because it is interrupted. */
export function endWithProcess (server: ChildProcess, ending: Ending): void {
  if (servers.size === 0) listen()
  servers.set(server, ending)
  server.once('exit', () => {
    servers.delete(server)
    if (servers.size === 0) stopListening()
  })
}

function endServers (): void {
  for (const [server, { signal }] of servers) server.kill(signal)
  // A server that is just ending may write into its folder meanwhile.
  for (const { folder } of servers.values()) rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
}

/** Without a listener a signal ends Node at once, and `exit` is not emitted. */
function interrupted (signal: NodeJS.Signals): void {
  process.exit(128 + constants.signals[signal])
}

function listen (): void {
  process.on('exit', endServers)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupted)
}

function stopListening (): void {
  process.off('exit', endServers)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, interrupted)
}
