import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { finishAnswers } from '../src/index.js'

interface Server {
  app: FastifyInstance
  url: string
  /** Resolves when `/slow` or `/stream` is asked. */
  asked: Promise<void>
  /** Lets the answers of `/slow` and `/stream` end. */
  answer: () => void
}

async function start (t: Test): Promise<Server> {
  let ask = (): void => {}
  let answer = (): void => {}
  const asked = new Promise<void>((resolve) => { ask = resolve })
  const held = new Promise<void>((resolve) => { answer = resolve })
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  await app.register(finishAnswers)
  app.get('/', async () => 'at once')
  app.get('/slow', async () => {
    ask()
    await held
    return 'in the end'
  })
  app.get('/stream', async (_request, reply) => reply.send(Readable.from((async function * () {
    yield 'in '
    ask()
    await held
    yield 'the end'
  })())))
  // Two servers, where localhost has two addresses.
  await app.listen({ host: 'localhost', port: 0 })
  return { app, url: `http://localhost:${(app.server.address() as AddressInfo).port}`, asked, answer }
}

/** An agent that keeps its connections alive, for as long as the server lets it. */
function keepAlive (t: Test): Agent {
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  return agent
}

async function head (url: string, agent: Agent): Promise<IncomingMessage> {
  const [response] = await once(get(url, { agent }), 'response') as [IncomingMessage]
  return response
}

async function closesWithin (app: FastifyInstance, milliseconds: number): Promise<boolean> {
  return Promise.race([app.close().then(() => true), new Promise<false>((resolve) => { setTimeout(resolve, milliseconds, false) })])
}

t.test('close: an idle connection that is kept alive does not hold it up', async (t) => {
  const { app, url } = await start(t)
  t.equal(await text(await head(url, keepAlive(t))), 'at once')
  t.ok(await closesWithin(app, 5000))
})

for (const host of ['127.0.0.1', '::1']) {
  t.test(`close: a connection to ${host} that never sent a request does not hold it up`, async (t) => {
    const { app, url } = await start(t)
    const socket = connect(Number(new URL(url).port), host)
    const ended = once(socket, 'close').catch(() => {}) // where the machine has no such address
    await Promise.race([once(socket, 'connect').catch(() => {}), ended])
    t.ok(await closesWithin(app, 5000))
    await ended
  })
}

t.test('close: half a request does not hold it up', async (t) => {
  const { app, url } = await start(t)
  const socket = connect(Number(new URL(url).port), 'localhost')
  socket.on('error', () => {})
  socket.write('GET / HTTP/1.1\r\nHost:')
  await once(socket, 'connect')
  t.ok(await closesWithin(app, 5000))
})

for (const path of ['/slow', '/stream']) {
  t.test(`close: the answer of ${path} that is under way arrives whole, and its connection then ends`, async (t) => {
    const { app, url, asked, answer } = await start(t)
    const pending = head(url + path, keepAlive(t))
    await asked
    const closed = app.close()
    setTimeout(answer, 200)
    t.equal(await text(await pending), 'in the end')
    const answered = performance.now()
    await closed
    t.ok(performance.now() - answered < 5000)
  })
}

t.test('close: a client that gave up does not hold it up', async (t) => {
  const { app, url, asked } = await start(t)
  const request = get(`${url}/slow`, { agent: keepAlive(t) })
  request.on('error', () => {})
  await asked
  const closed = closesWithin(app, 5000)
  request.destroy()
  t.ok(await closed)
})
