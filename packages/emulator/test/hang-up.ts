import { once } from 'node:events'
import { connect as connectSocket } from 'node:net'
import t from 'tap'
import type { Emulator, FaultOptions } from '../src/index.js'
import { BOARDS, startConnected } from './fixtures/connected.js'
import { send } from './fixtures/visitor.js'
import { createGate, sendOverWire, sendRefresh } from './fixtures/wire.js'

/** Waits until the emulator has seen that a client hung up: it reads its sockets before it answers later requests. */
async function waitForHangUp (emulator: Emulator): Promise<void> {
  for (let count = 0; count < 3; count++) await send(emulator.url)
}

t.test('hang up: a request that is held before the commit is still committed, and its pair is lost', async (t) => {
  const { emulator, pair, isUsable, pairs } = await startConnected(t)
  const gate = createGate()
  const fault = emulator.faults.add({ on: 'token', do: 'delay', until: gate.until })
  const sent = sendRefresh(emulator, pair.refresh_token)
  await fault.hit
  sent.hangUp()
  await sent.received
  await waitForHangUp(emulator)
  gate.open()
  await send(emulator.url)
  t.notOk(await isUsable())
  t.match(pairs(), [{ death: { cause: 'rotated' } }, { death: null, delivery: 'dropped' }])
})

t.test('hang up: while the answer is held, the new pair is lost', async (t) => {
  const { emulator, pair, pairs } = await startConnected(t)
  const gate = createGate()
  const fault = emulator.faults.add({ on: 'token', do: 'delay', when: 'after', until: gate.until })
  const sent = sendRefresh(emulator, pair.refresh_token)
  await fault.hit
  sent.hangUp()
  await sent.received
  await waitForHangUp(emulator)
  t.equal(pairs()[1]?.delivery, 'dropped')
  gate.open()
  t.equal((await send(emulator.url)).status, 200, 'the emulator goes on')
})

t.test('hang up: no fault that comes after it makes the emulator fail', async (t) => {
  const { emulator, pair } = await startConnected(t)
  const others: FaultOptions[] = [
    { do: 'refuse', when: 'after' },
    { do: 'answer', status: 503, body: 'x', when: 'after' },
    { do: 'drop', when: 'after' },
    { do: 'cut' },
    { do: 'garble', as: 'html' },
    { do: 'drop' },
    { do: 'answer', status: 503, body: 'x' }
  ]
  for (const other of others) {
    const gate = createGate()
    const delay = emulator.faults.add({ on: '/v2/boards', do: 'delay', until: gate.until })
    const next = emulator.faults.add({ ...other, on: '/v2/boards' })
    const sent = sendOverWire(`${emulator.url}${BOARDS}`, {
      headers: { authorization: `Bearer ${pair.access_token}` }
    })
    await delay.hit
    sent.hangUp()
    t.equal((await sent.received).status, null)
    await waitForHangUp(emulator)
    gate.open()
    await next.hit
    t.equal((await send(emulator.url)).status, 200, JSON.stringify(other))
  }
})

t.test('hang up: an incomplete request leaves the emulator as it was', async (t) => {
  const { emulator, isUsable } = await startConnected(t)
  emulator.faults.add({ do: 'drop', on: 'token' })
  const socket = connectSocket(Number(new URL(emulator.url).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.write('POST /v1/oauth/token HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\ngrant_type=')
  socket.destroy()
  t.ok(await isUsable())
})
