import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import { ApiError, RecordError, UnavailableError } from '../src/errors.js'
import { createClient, type MiroClient } from '../src/rest/client.js'
import { toClock } from '../src/clock.js'
import { defaultApiLimits } from '../src/rest/api-limits.js'

/** A token as Miro makes them, without a dash, so that it passes for a plain word of 59 characters. */
const token = 'eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_PIBKmE9rzQuL3bUeAvUEGFEhLkx'

/** A client of an API that answers every request with these bytes. */
async function clientOf (t: Test, answer: string, accessToken = token): Promise<MiroClient> {
  const server = createServer()
  server.on('connection', (socket) => { socket.once('data', () => socket.end(answer)).on('error', () => {}) })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const tokens = { accessToken: async () => accessToken, replacementFor: async () => null, ref: async () => ({ userId: '1', teamId: '2' }) }
  return createClient({ apiUrl: `http://127.0.0.1:${port}`, fetch, clock: toClock({ now: () => 0 }), limits: defaultApiLimits, jitter: () => 0, tokens })
}

async function errorOf (work: Promise<unknown>): Promise<unknown> {
  return work.then(() => null, (error: unknown) => error)
}

function shown (error: unknown): string {
  return inspect(error, { depth: Infinity, showHidden: true }) + JSON.stringify(error)
}

t.test('secrets: a token that Miro returns as the code of an error is not shown', async (t) => {
  const body = JSON.stringify({ status: 403, code: token, message: token, type: 'error' })
  const { boards } = await clientOf(t, `HTTP/1.1 403 Forbidden\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
  const error = await errorOf(boards.list())
  t.equal(error instanceof ApiError && error.miroCode, null)
  t.notOk(shown(error).includes(token))
})

t.test('secrets: an answer that is no HTTP is not in the error, whose code is', async (t) => {
  const answers = [`${token}\r\n\r\n`, `HTTP/1.1 200 OK\r\n${token}\r\n\r\n`, `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${token}\r\n`]
  for (const answer of answers) {
    const { boards } = await clientOf(t, answer)
    const error = await errorOf(boards.list())
    t.ok(error instanceof UnavailableError)
    t.match(shown(error), /HPE_INVALID/)
    t.notOk(shown(error).includes(token), JSON.stringify(answer))
  }
  const { fetch } = await clientOf(t, `${token}\r\n\r\n`)
  const error = await errorOf(fetch('/v2/boards'))
  t.ok(error instanceof TypeError)
  t.match(shown(error), /HPE_INVALID/)
  t.notOk(shown(error).includes(token))
})

t.test('rest: the reason of a caller\'s abort is passed on as it is', async (t) => {
  const reason = Object.assign(new Error('enough'), { data: 'mine' })
  const { fetch } = await clientOf(t, '')
  t.equal(await errorOf(fetch('/v2/boards', { signal: AbortSignal.abort(reason) })), reason)
})

t.test('secrets: a stored token that no header can hold is MIRO_RECORD, and not quoted', async (t) => {
  for (const broken of [`${token}\n`, ` ${token}`, `${token}\u0000`, `${token}é`, '']) {
    const { fetch, boards } = await clientOf(t, '', broken)
    for (const error of [await errorOf(fetch('/v2/boards')), await errorOf(boards.list())]) {
      t.ok(error instanceof RecordError)
      t.notOk(shown(error).includes(token))
    }
  }
})
