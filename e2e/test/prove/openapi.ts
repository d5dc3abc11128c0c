import { createMiroAuth, memoryStore } from '@miro-oauth/core'
import { operations } from '@miro-oauth/core/internal'
import { createEmulator } from '@miro-oauth/emulator'
import t, { type Test } from 'tap'
import { Conformance } from '../fixtures/openapi/conformance.js'
import { readMiroDocument } from '../fixtures/openapi/document.js'
import { newItems } from '../fixtures/openapi/item-calls.js'
import { Recorder, type Exchange } from '../fixtures/openapi/recorder.js'
import type { Scene } from '../fixtures/openapi/scene.js'
import { typedCalls, type OperationId } from '../fixtures/openapi/typed-calls.js'

const path = process.env['MIRO_OPENAPI'] ?? ''
const conformance = path === '' ? null : new Conformance(readMiroDocument(path))
if (conformance === null) console.log('NOTICE: typed calls are not validated; set MIRO_OPENAPI to the path of Miro\'s OpenAPI document')

/** Somebody who is signed in, and what they send. Every scene has a board of its own. */
async function startScenes (t: Test): Promise<{ recorder: Recorder, newScene: () => Promise<Scene> }> {
  const emulator = await createEmulator()
  const recorder = new Recorder()
  const auth = createMiroAuth({
    clientId: emulator.app.clientId,
    clientSecret: emulator.app.clientSecret,
    store: memoryStore(),
    endpoints: { apiUrl: emulator.apiUrl },
    clock: emulator.clock,
    fetch: recorder.fetch
  })
  t.teardown(() => emulator.close())
  t.teardown(() => auth.close())
  const { accessToken, refreshToken = null } = emulator.issueTokens(emulator.person('Ada Lovelace'))
  const { grant } = await auth.adopt({ accessToken, refreshToken, expiresAt: null, appUserId: 'ada' })
  const miro = auth.client(grant)
  const { userId } = emulator.person('Grace Hopper')
  return {
    recorder,
    async newScene () {
      const { id } = await miro.boards.create({ name: 'A board' })
      return { miro, board: miro.board(id), userId, email: 'grace@example.com' }
    }
  }
}

/** The exchanges of an operation: other calls prepare it. */
function ofOperation (id: OperationId, exchanges: Exchange[]): Exchange[] {
  const [method, template = ''] = operations[id].split(' ')
  const pattern = new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
  return exchanges.filter((exchange) => exchange.method === method && pattern.test(exchange.path))
}

async function problemsOf (id: OperationId, exchanges: Exchange[]): Promise<string[]> {
  return (await Promise.all(exchanges.map((exchange) => conformance?.problemsOf(id, exchange) ?? []))).flat()
}

t.test('openapi: every typed call succeeds against the emulator, and conforms to Miro\'s document', async (t) => {
  const { recorder, newScene } = await startScenes(t)
  for (const id of Object.keys(operations) as OperationId[]) {
    const scene = await newScene()
    const exchanges = ofOperation(id, await recorder.during(() => typedCalls[id](scene)))
    t.ok(exchanges.length > 0 && exchanges.every(({ status }) => status < 300), `${id} is sent and succeeds`)
    t.strictSame(await problemsOf(id, exchanges), [], id)
  }
})

t.test('openapi: refusals conform to Miro\'s document', async (t) => {
  const { recorder, newScene } = await startScenes(t)
  const { miro, board } = await newScene()
  const refusals: Partial<Record<OperationId, () => Promise<unknown>>> = {
    'get-boards': () => miro.boards.list({ limit: 5000 }),
    'get-specific-board': () => miro.board('none').get(),
    'get-specific-item': () => board.items.get('1'),
    'delete-tag': () => board.tags.delete('1'),
    'get-specific-board-member': () => board.members.get('1'),
    'get-connector': () => board.connectors.get('1'),
    getGroupById: () => board.groups.get('1')
  }
  for (const [id, call] of Object.entries(refusals) as Array<[OperationId, () => Promise<unknown>]>) {
    const exchanges = await recorder.during(() => t.rejects(call(), { code: 'MIRO_API' }))
    t.strictSame([exchanges.length, await problemsOf(id, exchanges)], [1, []], id)
  }
})

t.test('openapi: what does not conform is found', { skip: conformance === null }, async (t) => {
  const { recorder, newScene } = await startScenes(t)
  const { board } = await newScene()
  const id = 'create-sticky-note-item'
  const [exchange] = await recorder.during(() => board.stickyNotes.create(newItems.stickyNotes))
  if (exchange === undefined) throw new Error('Nothing was recorded.')
  t.strictSame(await problemsOf(id, [exchange]), [])
  for (const [change, problem] of [
    [{ body: { colour: 'red' } }, /request must NOT have unevaluated properties .*colour/],
    [{ body: { data: { content: 5 } } }, /request\/data\/content must be string/],
    [{ body: { style: { fillColor: 'reddish' } } }, /request\/style\/fillColor must be equal to one of/],
    [{ answer: { type: 'sticky_note' } }, /answer must have required property 'id'/],
    [{ status: 418 }, /there is no answer 418/],
    [{ query: new URLSearchParams({ draft: '1' }) }, /there is no parameter draft/],
    [{ body: new FormData() }, /the document calls it undefined/]
  ] as const) t.match((await problemsOf(id, [{ ...exchange, ...change }]))[0], problem)
})
