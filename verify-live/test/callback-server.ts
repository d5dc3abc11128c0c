import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { CallbackServer } from '../src/session/callback-server.js'
import { freePort } from './fixtures/run.js'

t.test('callback server: a request whose target is no URL gets 404, and the run goes on', async (t) => {
  const port = await freePort()
  const callbacks = await CallbackServer.listen(`http://127.0.0.1:${port}/callback`)
  t.teardown(() => callbacks.close())
  for (const target of ['//', '//:planted', 'http://', '/other']) t.match(await ask(port, target), /^HTTP\/1\.1 4\d\d /, target)
  const next = callbacks.next(() => true)
  t.match(await ask(port, '/callback?code=1'), /^HTTP\/1\.1 200 /)
  t.equal((await next).get('code'), '1')
})

async function ask (port: number, target: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.end(`GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`)
  return text(socket)
}
