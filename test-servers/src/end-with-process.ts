import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'

const servers = new Map<ChildProcess, NodeJS.Signals>()

/** Sends `signal` to a server when this process ends, by itself or because it is interrupted. */
export function endWithProcess (server: ChildProcess, signal: NodeJS.Signals): void {
  if (servers.size === 0) listen()
  servers.set(server, signal)
  server.once('exit', () => {
    servers.delete(server)
    if (servers.size === 0) stopListening()
  })
}

function endServers (): void {
  for (const [server, signal] of servers) server.kill(signal)
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
