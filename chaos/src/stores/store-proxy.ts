import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Random } from '../random.js'

/** The point at which a connection is cut. */
type Cut = 'now' | 'half of a request' | 'before the reply' | 'half of a reply'

const cuts: readonly Cut[] = ['now', 'half of a request', 'before the reply', 'half of a reply']

interface ProxiedConnection {
  /** The socket to the process. */
  client: Socket
  /** The socket to the store. */
  store: Socket
  cut: Cut | null
}

/** A TCP proxy between the processes and the store, which cuts connections in the middle of a request or a reply. */
export class StoreProxy {
  /** The store's URL through the proxy. */
  readonly url: string
  readonly #connections: Set<ProxiedConnection>
  readonly #stopListening: () => void

  private constructor (url: string, connections: Set<ProxiedConnection>, stopListening: () => void) {
    this.url = url
    this.#connections = connections
    this.#stopListening = stopListening
  }

  static async open (storeUrl: string): Promise<StoreProxy> {
    const target = new URL(storeUrl)
    const connections = new Set<ProxiedConnection>()
    const server = createServer((client) => { connectThrough(connections, client, target) }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = new URL(storeUrl)
    url.hostname = '127.0.0.1'
    url.port = String((server.address() as AddressInfo).port)
    return new StoreProxy(url.href, connections, () => { server.close() })
  }

  /** Cuts a random connection, at once or in its next request or reply. Returns false if none is open. */
  cut (random: Random): boolean {
    const connection = random.pick([...this.#connections])
    if (connection === undefined) return false
    connection.cut = random.pick(cuts) ?? 'now'
    if (connection.cut === 'now') end(connection)
    return true
  }

  close (): void {
    this.#stopListening()
    for (const connection of this.#connections) end(connection)
  }
}

function connectThrough (connections: Set<ProxiedConnection>, client: Socket, target: URL): void {
  const port = Number(target.port || (target.protocol.startsWith('postgres') ? 5432 : 6379))
  const store = connect({ host: target.hostname, port, noDelay: true })
  const connection: ProxiedConnection = { client, store, cut: null }
  connections.add(connection)
  client.setNoDelay(true)
  client.on('data', (bytes) => { forwardRequest(connection, bytes) })
  store.on('data', (bytes) => { forwardReply(connection, bytes) })
  for (const socket of [client, store]) {
    socket.on('error', () => {})
    socket.on('close', () => {
      connections.delete(connection)
      end(connection)
    })
  }
}

function forwardRequest (connection: ProxiedConnection, bytes: Buffer): void {
  if (connection.cut === 'half of a request') {
    connection.store.write(bytes.subarray(0, bytes.length / 2))
    return end(connection)
  }
  connection.store.write(bytes)
}

function forwardReply (connection: ProxiedConnection, bytes: Buffer): void {
  const { client, cut } = connection
  if (cut === 'half of a reply') client.write(bytes.subarray(0, bytes.length / 2))
  if (cut === 'before the reply' || cut === 'half of a reply') return end(connection)
  client.write(bytes)
}

/** Both sockets close after what was already written to them; nothing more is forwarded. */
function end ({ client, store }: ProxiedConnection): void {
  client.destroySoon()
  store.destroySoon()
  client.pause()
  store.pause()
}
