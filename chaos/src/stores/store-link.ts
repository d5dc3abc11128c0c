import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Random } from '../random.js'

/** Where the next cut goes through a connection. */
type Cut = 'now' | 'half of a request' | 'before the reply' | 'half of a reply'

const cuts: readonly Cut[] = ['now', 'half of a request', 'before the reply', 'half of a reply']

interface Wire {
  down: Socket
  up: Socket
  cut: Cut | null
}

/** The way between the processes and the store, on which connections can be cut half-way. */
export class StoreLink {
  /** The store's URL by this way. */
  readonly url: string
  readonly #wires = new Set<Wire>()
  readonly #close: () => void

  private constructor (url: string, wires: Set<Wire>, close: () => void) {
    this.url = url
    this.#wires = wires
    this.#close = close
  }

  static async open (storeUrl: string): Promise<StoreLink> {
    const target = new URL(storeUrl)
    const wires = new Set<Wire>()
    const server = createServer((down) => { join(wires, down, target) }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = new URL(storeUrl)
    url.hostname = '127.0.0.1'
    url.port = String((server.address() as AddressInfo).port)
    return new StoreLink(url.href, wires, () => { server.close() })
  }

  /** Has one of the connections break; in the midst of a request or a reply as soon as there is one. False if there is none. */
  cut (random: Random): boolean {
    const wire = random.pick([...this.#wires])
    if (wire === undefined) return false
    wire.cut = random.pick(cuts) ?? 'now'
    if (wire.cut === 'now') end(wire)
    return true
  }

  close (): void {
    this.#close()
    for (const wire of this.#wires) end(wire)
  }
}

function join (wires: Set<Wire>, down: Socket, target: URL): void {
  const up = connect({ host: target.hostname, port: Number(target.port), noDelay: true })
  const wire: Wire = { down, up, cut: null }
  wires.add(wire)
  down.setNoDelay(true)
  down.on('data', (bytes) => { passUp(wire, bytes) })
  up.on('data', (bytes) => { passDown(wire, bytes) })
  for (const socket of [down, up]) {
    socket.on('error', () => {})
    socket.on('close', () => {
      wires.delete(wire)
      end(wire)
    })
  }
}

function passUp (wire: Wire, bytes: Buffer): void {
  if (wire.cut === 'half of a request') {
    wire.up.write(bytes.subarray(0, bytes.length / 2))
    return end(wire)
  }
  wire.up.write(bytes)
}

function passDown (wire: Wire, bytes: Buffer): void {
  if (wire.cut === 'half of a reply') wire.down.write(bytes.subarray(0, bytes.length / 2))
  if (wire.cut === 'before the reply' || wire.cut === 'half of a reply') return end(wire)
  wire.down.write(bytes)
}

/** What was written still arrives; nothing more is passed on. */
function end ({ down, up }: Wire): void {
  down.destroySoon()
  up.destroySoon()
  down.pause()
  up.pause()
}
