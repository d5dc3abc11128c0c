import { connect, type Socket } from 'node:net'

/** The request to send, and the port of the server. */
export interface Target {
  port: number
  path: string
  /** The `cookie` headers of the people who are signed in. */
  cookies: readonly string[]
}

/** A keep-alive connection that repeats one request. */
export interface Connection {
  /** Sends each request when the answer to the last one is complete, until `isOver`. Returns the number of answers. */
  run: (isOver: () => boolean) => Promise<number>
  close: () => void
}

const endOfHead = '\r\n\r\n'

/**
 * Opens a {@link Connection}.
 *
 * It does as little work as possible, so that the server is measured and not the client: it parses the head of the
 * first answer only, and then counts bytes, since every answer must be as long as the first.
 */
export async function openConnection ({ port, path }: Target, cookie: string): Promise<Connection> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncookie: ${cookie}\r\n\r\n`)
  const length = await firstLength(socket, request).catch((error: unknown) => {
    socket.destroy()
    throw error
  })

  function run (isOver: () => boolean): Promise<number> {
    let answered = 0
    let missing = length
    return new Promise((resolve, reject) => {
      function onData (chunk: Buffer): void {
        if (missing === length && !isOk(chunk)) return end(new Error(`The server answered: ${firstLine(chunk)}`))
        missing -= chunk.length
        if (missing > 0) return
        if (missing < 0) return end(new Error('The length of the answers changed.'))
        answered++
        missing = length
        if (isOver()) end()
        else socket.write(request)
      }
      function end (error?: Error): void {
        socket.off('data', onData).off('error', end).off('close', onClose)
        if (error === undefined) resolve(answered)
        else reject(error)
      }
      const onClose = (): void => end(new Error('The server closed the connection.'))
      socket.on('data', onData).on('error', end).on('close', onClose)
      socket.write(request)
    })
  }

  return { run, close: () => socket.destroy() }
}

/** Sends the request once. Returns the length of the whole answer, in bytes. */
function firstLength (socket: Socket, request: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = ''
    function onData (chunk: Buffer): void {
      text += chunk.toString('latin1')
      const head = text.indexOf(endOfHead)
      if (head === -1) return
      const body = Number(/^content-length: (\d+)$/im.exec(text.slice(0, head))?.[1])
      const length = head + endOfHead.length + body
      if (text.length < length) return
      socket.off('data', onData).off('error', reject)
      if (isOk(Buffer.from(text, 'latin1')) && text.length === length) resolve(length)
      else reject(new Error(`The server answered: ${firstLine(Buffer.from(text, 'latin1'))}`))
    }
    socket.on('data', onData).on('error', reject)
    socket.write(request)
  })
}

const ok = Buffer.from('HTTP/1.1 200 ')

function isOk (chunk: Buffer): boolean {
  return chunk.subarray(0, ok.length).equals(ok)
}

function firstLine (chunk: Buffer): string {
  return chunk.toString('latin1').split('\r\n', 1).join()
}
