import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Listener {
  port: number
  close: () => Promise<void>
}

const portAttempts = 5

/**
 * Listens on one address, which callers of other machines may reach.
 *
 * @throws the error of `listen`, such as EADDRNOTAVAIL
 */
export async function listenOn (address: string, handler: RequestListener, port: number): Promise<Listener> {
  const server = await listen(handler, address, port)
  return toListener([server])
}

/**
 * Listens on 127.0.0.1, and on ::1 where the machine has it, because `localhost` may resolve to either of them.
 *
 * @param port 0 takes any port that is free on both
 * @throws the error of `listen`, such as EADDRINUSE
 */
export async function listenOnLoopback (handler: RequestListener, port: number): Promise<Listener> {
  for (let attempt = 1; ; attempt++) {
    const ipv4 = await listen(handler, '127.0.0.1', port)
    try {
      const ipv6 = await listenWhereAvailable(handler, '::1', portOf(ipv4))
      return toListener(ipv6 === null ? [ipv4] : [ipv4, ipv6])
    } catch (error) {
      await closeAll([ipv4])
      // Another program listens on ::1 at this port: without this check, `localhost` would lead there at times.
      if (port !== 0 || attempt === portAttempts || codeOf(error) !== 'EADDRINUSE') throw error
    }
  }
}

function toListener (servers: readonly [Server, ...Server[]]): Listener {
  return { port: portOf(servers[0]), close: () => closeAll(servers) }
}

function portOf (server: Server): number {
  return (server.address() as AddressInfo).port
}

function listen (handler: RequestListener, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(handler)
    // A test whose set-up throws does not close the emulator: the test's process must end all the same.
    server.unref()
    server.on('connection', (socket) => { socket.unref() })
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}

async function listenWhereAvailable (handler: RequestListener, host: string, port: number): Promise<Server | null> {
  try {
    return await listen(handler, host, port)
  } catch (error) {
    if (['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'].includes(codeOf(error))) return null
    throw error
  }
}

async function closeAll (servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => {
    server.close(() => { resolve() })
    // Every open connection is idle: only delays hold an answer, and `close` drops the held requests first.
    server.closeAllConnections()
  })))
}

function codeOf (error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
