import t from 'tap'
import { FakeWindow, importBoardModule, type MessageLike, runSdk } from './fixtures/browser-scripts.js'

const EMULATOR = 'http://localhost:4100'
const APP = 'http://127.0.0.1:3000'

const { readRequest, answerRequest } = await importBoardModule('messages')
const { createMethods, requireAppUrl, selectItems } = await importBoardModule('methods')
const { createRequests } = await importBoardModule('requests')
const { select } = await importBoardModule('selection')
const { SdkError } = await importBoardModule('sdk-error')

const ITEMS = [{ id: '1', type: 'text' }, { id: '2', type: 'sticky_note' }, { id: '3', type: 'shape' }]

/** The board's methods on a board of three items, of which the second is selected. `done` is what they did. */
function createBoard (scopes = ['boards:read', 'boards:write']) {
  const done: unknown[][] = []
  const note = (name: string) => (...parameters: unknown[]) => { done.push([name, ...parameters]) }
  const requests = {
    fetchIdToken: async () => 'the-token',
    readBoard: async () => ({ info: { id: 'board' }, items: ITEMS }),
    createStickyNote: async (given: object) => ({ id: '4', ...given })
  }
  const notes = { show: note('show'), isSelected: (id: string) => id === '2', zoomTo: note('zoomTo') }
  const frames = { open: note('open'), close: note('close'), setSubscribed: note('setSubscribed') }
  const setup = { person: { id: '7', name: 'Ada' }, app: { origin: APP, scopes } }
  return { done, methods: createMethods(setup, { requests, notes, frames }) }
}

/** A frame with the SDK, in a board that answers it. */
function createFrame ({ board = createBoard(), origin = APP } = {}) {
  const [page, frame] = [new FakeWindow(), new FakeWindow()]
  frame.parent = page
  runSdk(frame, { src: `${EMULATOR}/app/static/sdk/v2/miro.js`, baseURI: `${APP}/panel/` })
  const toFrame = (data: unknown, from: Partial<MessageLike> = {}) =>
    frame.deliver({ source: page, origin: EMULATOR, data, ...from })
  page.postMessage = async (data: unknown, target: string) => {
    page.posted.push({ data, origin: target })
    const request = readRequest({ source: frame, origin, data }, { windows: [frame], appOrigin: APP })
    if (request !== null) toFrame(await answerRequest(request, board.methods))
  }
  return { sdk: frame.miro.board, page, frame, toFrame, done: board.done }
}

t.test('messages: only the frames of the page are answered, and only at the app’s origin', async (t) => {
  const [frame, stranger] = [{}, {}]
  const data = { miro: 'request', id: 1, method: 'getIdToken' }
  const read = (event: Partial<MessageLike>) =>
    readRequest({ source: frame, origin: APP, data, ...event }, { windows: [frame, null], appOrigin: APP })
  t.same(read({}), { id: 1, method: 'getIdToken', parameter: undefined, source: frame })
  t.equal(read({ source: stranger }), null)
  t.equal(read({ source: null }), null, 'a frame that is gone has no window either')
  for (const origin of ['https://evil.example', 'null', 'http://localhost:3000', EMULATOR]) t.equal(read({ origin }), null)
})

t.test('messages: what is no request is ignored', async (t) => {
  const frame = {}
  for (const data of [
    null, 'getIdToken', 5, {}, [], { miro: 'answer', id: 1, method: 'get' }, { miro: 'request', id: '1', method: 'get' },
    { miro: 'request', id: 1 }, { miro: 'request', id: 1, method: {} }
  ]) {
    t.equal(readRequest({ source: frame, origin: APP, data }, { windows: [frame], appOrigin: APP }), null)
  }
})

t.test('messages: an unknown method and a failure are answered with a sentence', async (t) => {
  const methods = {
    fails: () => { throw new TypeError('a detail of the page') },
    refuses: async () => { throw new SdkError('This is refused.') }
  }
  const message = async (method: string) => (await answerRequest({ id: 1, method }, methods)).message
  t.equal(await message('refuses'), 'This is refused.')
  t.equal(await message('fails'), 'The emulator failed; this is a bug in it.')
  for (const name of ['nothing', 'constructor', '__proto__', 'toString']) {
    t.equal(await message(name), 'The emulator does not have this method.', name)
  }
})

t.test('sdk: id token, board, person, items and selection come from the board', async (t) => {
  const { sdk } = createFrame()
  t.equal(await sdk.getIdToken(), 'the-token')
  t.same(await sdk.getInfo(), { id: 'board' })
  t.same(await sdk.getUserInfo(), { id: '7', name: 'Ada' })
  t.same(await sdk.get(), ITEMS)
  t.same(await sdk.get({ type: 'shape' }), [ITEMS[2]])
  t.same(await sdk.getSelection(), [ITEMS[1]])
  t.same(await sdk.createStickyNote({ content: 'Hi', x: 1, y: 2, sync: () => {} }), { id: '4', content: 'Hi', x: 1, y: 2 })
})

t.test('sdk: panels and modals open by a path that is relative to the app’s page', async (t) => {
  const { sdk, done } = createFrame()
  await sdk.ui.openPanel({ url: 'in.html?a=1' })
  await sdk.ui.openModal({ url: `${APP}/modal`, width: 100 })
  await sdk.ui.closePanel()
  await sdk.ui.closeModal()
  t.same(done, [
    ['open', 'panel', `${APP}/panel/in.html?a=1`], ['open', 'modal', `${APP}/modal`], ['close', 'panel'], ['close', 'modal']
  ])
  await t.rejects(sdk.ui.openPanel({ url: 'https://evil.example/' }), { message: /origin of the app’s sdkUri/ })
  await t.rejects(sdk.ui.openPanel(), { message: 'The url of a page is missing.' })
  await t.rejects(sdk.ui.openModal({ url: 'http://' }), { message: 'The url of a page is missing.' })
})

t.test('sdk: zoomTo takes an item or a list of them', async (t) => {
  const { sdk, done } = createFrame()
  await sdk.viewport.zoomTo({ id: '2' })
  await sdk.viewport.zoomTo([{ id: '1' }, { id: '2' }])
  t.same(done, [['zoomTo', ['2']], ['zoomTo', ['1', '2']]])
  await t.rejects(sdk.viewport.zoomTo(), { message: 'zoomTo() takes an item of the board, or a list of them.' })
})

t.test('sdk: icon:click calls the handlers until they are taken off', async (t) => {
  const { sdk, done, frame, toFrame } = createFrame()
  let clicks = 0
  const handler = () => { clicks++ }
  const click = async (from: Partial<MessageLike> = {}) => {
    toFrame({ miro: 'event', name: 'icon:click' }, from)
    await Promise.resolve()
    return clicks
  }
  t.equal(await click(), 0)
  await sdk.ui.on('icon:click', handler)
  await sdk.ui.on('icon:click', handler)
  t.equal(await click(), 1, 'a handler is called once, however often it was added')
  t.equal(await click({ source: frame }), 1, 'from another window')
  t.equal(await click({ origin: APP }), 1, 'from another origin')
  await sdk.ui.off('icon:click', handler)
  t.equal(await click(), 1)
  t.same(done.map(([name, , event, isSubscribed]) => [name, event, isSubscribed]), [
    ['setSubscribed', 'icon:click', true], ['setSubscribed', 'icon:click', true], ['setSubscribed', 'icon:click', false]
  ])
  t.equal(done[0]?.[1], frame)
})

t.test('sdk: another event, or a handler that is no function, is refused', async (t) => {
  const { sdk } = createFrame()
  await t.rejects(sdk.ui.on('drop', () => {}), { message: 'The emulator sends no event but icon:click.' })
  await t.rejects(sdk.ui.on('icon:click'), { message: 'The handler must be a function.' })
  await sdk.ui.off('drop', () => {})
})

t.test('sdk: posts to the origin that it was loaded from, and believes no other', async (t) => {
  const { sdk, page, frame, toFrame } = createFrame({ origin: 'http://127.0.0.1:1' })
  let answer = 'none'
  sdk.getIdToken().then((token: string) => { answer = token }, () => {})
  t.same(page.posted.map(({ origin }) => origin), [EMULATOR])
  const forged = { miro: 'answer', id: 1, isDone: true, result: 'forged' }
  toFrame(forged, { origin: 'https://evil.example' })
  toFrame(forged, { source: frame })
  toFrame({ ...forged, id: 2 })
  for (const data of [null, 'text', { miro: 'other' }]) toFrame(data)
  await new Promise(setImmediate)
  t.equal(answer, 'none')
  toFrame({ ...forged, result: 'right' })
  await new Promise(setImmediate)
  t.equal(answer, 'right')
})

t.test('sdk: in a page that is in no frame, every call is rejected', async (t) => {
  const window = new FakeWindow()
  runSdk(window, { src: `${EMULATOR}/app/static/sdk/v2/miro.js`, baseURI: `${APP}/panel/` })
  await t.rejects(window.miro.board.getIdToken(), { message: 'This page is not in a frame of a board.' })
  t.same(window.posted, [])
})

t.test('sdk: reading items needs the scope boards:read, and a sticky note boards:write', async (t) => {
  const readOnly = createFrame({ board: createBoard(['boards:read']) }).sdk
  t.equal((await readOnly.get()).length, 3)
  await t.rejects(readOnly.createStickyNote({}), { message: 'The app does not have the scope boards:write.' })
  const writeOnly = createFrame({ board: createBoard(['boards:write']) }).sdk
  await t.rejects(writeOnly.get(), { message: 'The app does not have the scope boards:read.' })
  await t.rejects(writeOnly.getSelection(), { message: 'The app does not have the scope boards:read.' })
  t.equal(await writeOnly.getIdToken(), 'the-token')
})

t.test('board page: a filter selects items by type and id, and another one is refused', async (t) => {
  t.same(selectItems(ITEMS, undefined), ITEMS)
  t.same(selectItems(ITEMS, { type: ['text', 'shape'] }), [ITEMS[0], ITEMS[2]])
  t.same(selectItems(ITEMS, { id: '2' }), [ITEMS[1]])
  t.same(selectItems(ITEMS, { type: 'text', id: '2' }), [])
  for (const filter of [{}, { tags: 'x' }, { type: 5 }, { id: [null] }]) t.throws(() => selectItems(ITEMS, filter), SdkError)
})

t.test('board page: a panel’s url is of the origin of the sdkUri', async (t) => {
  t.equal(requireAppUrl(`${APP}/in.html`, APP), `${APP}/in.html`)
  for (const url of [`${APP}.evil.example/`, 'http://127.0.0.1:3001/', 'javascript:alert(1)', '/in.html', '', null]) {
    t.throws(() => requireAppUrl(url, APP), SdkError, String(url))
  }
})

t.test('board page: a click selects one item, and with a held key several', async (t) => {
  t.same(select([], 'a', false), ['a'])
  t.same(select(['a', 'b'], 'a', false), ['a'])
  t.same(select(['a'], 'a', false), [])
  t.same(select(['a'], 'b', true), ['a', 'b'])
  t.same(select(['a', 'b'], 'a', true), ['b'])
})

t.test('board page: it asks the emulator for the person at the board, and passes a refusal on', async (t) => {
  const sent: [string, RequestInit | undefined][] = []
  let answer = () => Response.json({ idToken: 'the-token', items: [] })
  const setup = { boardId: 'a=', teamId: '3', person: { id: '7' } }
  const requests = createRequests(setup, async (url: string, init?: RequestInit) => {
    sent.push([url, init])
    return answer()
  })
  t.equal(await requests.fetchIdToken(), 'the-token')
  await requests.readBoard()
  await requests.createStickyNote({ content: 'Hi', userId: '8' })
  t.same(sent.map(([url]) => url), [
    '/emulator/id-token', '/emulator/boards/a%3D', '/emulator/boards/a%3D/sticky-notes'
  ])
  t.equal(String(sent[0]?.[1]?.body), 'user_id=7&team_id=3')
  t.same(JSON.parse(String(sent[2]?.[1]?.body)), { content: 'Hi', userId: '7' })
  answer = () => Response.json({ message: 'Board not found' }, { status: 404 })
  await t.rejects(requests.readBoard(), { message: 'Board not found.' })
  answer = () => new Response('<html>', { status: 502 })
  await t.rejects(requests.readBoard(), { message: 'The emulator refused this.' })
  answer = () => { throw new TypeError('fetch failed') }
  await t.rejects(requests.readBoard(), { message: 'The emulator cannot be reached.' })
})
