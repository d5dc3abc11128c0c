import t from 'tap'
import { operations, type OperationId } from '../src/rest/operations.js'
import type { BoardClient } from '../src/rest/board/board-client.js'
import { collect, empty, errorOf, json, standIn, type Answer } from './fixtures/stand-in.js'

const id = '3458764513820647931'
const item = { id, type: 'sticky_note', data: { content: 'a' }, later: true }
const board = { id: 'b=', name: 'A board' }
const page = { data: [item], total: 1, offset: 0 }
const B = '/v2/boards/b%3D'

/** One call of an operation: what it does, what Miro answers, and what was sent. */
interface Case {
  run: (board: BoardClient) => Promise<unknown>
  sent: string
  body?: unknown
  answer?: unknown
}

const plainKinds = {
  stickyNotes: ['sticky-note', 'sticky_notes'],
  texts: ['text', 'texts'],
  shapes: ['shape', 'shapes'],
  cards: ['card', 'cards'],
  appCards: ['app-card', 'app_cards'],
  frames: ['frame', 'frames'],
  embeds: ['embed', 'embeds'],
  images: ['image', 'images', '-using-url'],
  documents: ['document', 'documents', '-using-url']
} as const

function kindCases (): Array<[string, Case]> {
  return Object.entries(plainKinds).flatMap(([member, [kind, path, suffix = '']]): Array<[string, Case]> => {
    // The nine kinds differ in their types alone.
    const of = (b: BoardClient): BoardClient['stickyNotes'] => b[member as 'stickyNotes']
    const data = { content: 'a' }
    return [
      [`create-${kind}-item${suffix}`, { run: (b) => of(b).create({ data }), sent: `POST ${B}/${path}`, body: { data } }],
      [`get-${kind}-item`, { run: (b) => of(b).get(id), sent: `GET ${B}/${path}/${id}` }],
      [`update-${kind}-item${suffix}`, { run: (b) => of(b).update(id, { data }), sent: `PATCH ${B}/${path}/${id}`, body: { data } }],
      [`delete-${kind}-item`, { run: (b) => of(b).delete(id), sent: `DELETE ${B}/${path}/${id}`, answer: null }]
    ]
  })
}

const ends = { startItem: { id: '1' }, endItem: { id: '2', snapTo: 'left' } }
const bulk = [{ type: 'text' as const, data: { content: 'a' } }]
const itemPosition = { position: { x: 1 }, parent: { id: '9' } }
const cases: Array<[string, Case]> = [
  ...kindCases(),
  ['get-specific-board', { run: (b) => b.get(), sent: `GET ${B}`, answer: board }],
  ['update-board', { run: (b) => b.update({ name: 'x' }), sent: `PATCH ${B}`, body: { name: 'x' }, answer: board }],
  ['delete-board', { run: (b) => b.delete(), sent: `DELETE ${B}`, answer: null }],
  ['copy-board', { run: (b) => b.copy({ name: 'x' }), sent: 'PUT /v2/boards?copy_from=b%3D', body: { name: 'x' }, answer: board }],
  ['get-items', { run: (b) => collect(b.items.iterate({ type: 'card', limit: 50 })), sent: `GET ${B}/items?type=card&limit=50`, answer: page }],
  ['get-items-within-frame', { run: (b) => collect(b.items.iterate({ parent: '9' })), sent: `GET ${B}/items?parent_item_id=9`, answer: page }],
  ['get-specific-item', { run: (b) => b.items.get(id), sent: `GET ${B}/items/${id}` }],
  ['update-item-position-or-parent', { run: (b) => b.items.update(id, itemPosition), sent: `PATCH ${B}/items/${id}`, body: itemPosition }],
  ['delete-item', { run: (b) => b.items.delete(id), sent: `DELETE ${B}/items/${id}`, answer: null }],
  ['create-items', { run: (b) => b.items.createBulk(bulk), sent: `POST ${B}/items/bulk`, body: bulk, answer: page }],
  ['create-connector', { run: (b) => b.connectors.create(ends), sent: `POST ${B}/connectors`, body: ends }],
  ['get-connectors', { run: (b) => collect(b.connectors.iterate({ limit: 20 })), sent: `GET ${B}/connectors?limit=20`, answer: page }],
  ['get-connector', { run: (b) => b.connectors.get(id), sent: `GET ${B}/connectors/${id}` }],
  ['update-connector', { run: (b) => b.connectors.update(id, { shape: 'curved' }), sent: `PATCH ${B}/connectors/${id}`, body: { shape: 'curved' } }],
  ['delete-connector', { run: (b) => b.connectors.delete(id), sent: `DELETE ${B}/connectors/${id}`, answer: null }],
  ['create-tag', { run: (b) => b.tags.create({ title: 'x' }), sent: `POST ${B}/tags`, body: { title: 'x' } }],
  ['get-tags-from-board', { run: (b) => collect(b.tags.iterate({ limit: 5 })), sent: `GET ${B}/tags?limit=5`, answer: page }],
  ['get-tag', { run: (b) => b.tags.get(id), sent: `GET ${B}/tags/${id}` }],
  ['update-tag', { run: (b) => b.tags.update(id, { fillColor: 'red' }), sent: `PATCH ${B}/tags/${id}`, body: { fillColor: 'red' } }],
  ['delete-tag', { run: (b) => b.tags.delete(id), sent: `DELETE ${B}/tags/${id}`, answer: null }],
  ['get-tags-from-item', { run: (b) => b.tags.ofItem(id), sent: `GET ${B}/items/${id}/tags`, answer: { tags: [item] } }],
  ['get-items-by-tag', { run: (b) => collect(b.tags.items('7', { limit: 5 })), sent: `GET ${B}/items?limit=5&tag_id=7`, answer: page }],
  ['attach-tag-to-item', { run: (b) => b.tags.attach('7', id), sent: `POST ${B}/items/${id}?tag_id=7`, answer: null }],
  ['remove-tag-from-item', { run: (b) => b.tags.detach('7', id), sent: `DELETE ${B}/items/${id}?tag_id=7`, answer: null }],
  ['createGroup', { run: (b) => b.groups.create(['1', '2']), sent: `POST ${B}/groups`, body: { data: { items: ['1', '2'] } } }],
  ['get-all-groups', { run: (b) => collect(b.groups.iterate({ limit: 10 })), sent: `GET ${B}/groups?limit=10`, answer: page }],
  ['getGroupById', { run: (b) => b.groups.get(id), sent: `GET ${B}/groups/${id}` }],
  ['getItemsByGroupId', { run: (b) => collect(b.groups.items(id)), sent: `GET ${B}/groups/items?group_item_id=${id}`, answer: page }],
  ['updateGroup', { run: (b) => b.groups.update(id, ['1', '2']), sent: `PUT ${B}/groups/${id}`, body: { data: { items: ['1', '2'] } } }],
  ['unGroup', { run: (b) => b.groups.ungroup(id), sent: `DELETE ${B}/groups/${id}`, answer: null }],
  ['deleteGroup', { run: (b) => b.groups.delete(id), sent: `DELETE ${B}/groups/${id}?delete_items=true`, answer: null }],
  ['share-board', { run: (b) => b.members.share({ emails: ['a@b.c'], role: 'editor' }), sent: `POST ${B}/members`, body: { emails: ['a@b.c'], role: 'editor' }, answer: { successful: [], failed: [] } }],
  ['get-board-members', { run: (b) => collect(b.members.iterate({ limit: 5 })), sent: `GET ${B}/members?limit=5`, answer: page }],
  ['get-specific-board-member', { run: (b) => b.members.get(id), sent: `GET ${B}/members/${id}` }],
  ['update-board-member', { run: (b) => b.members.update(id, { role: 'viewer' }), sent: `PATCH ${B}/members/${id}`, body: { role: 'viewer' } }],
  ['remove-board-member', { run: (b) => b.members.remove(id), sent: `DELETE ${B}/members/${id}`, answer: null }]
]

/** Tested below, or with `boards` and `tokenContext`. */
const others = [
  'token-info', 'get-boards', 'create-board', 'create-items-in-bulk-using-file-from-device', 'create-image-item-using-local-file',
  'update-image-item-using-file-from-device', 'create-document-item-using-file-from-device', 'update-document-item-using-file-from-device'
]

t.test('board: every operation of the table is a call, and sends what the table says', async (t) => {
  t.strictSame([...cases.map(([operation]) => operation), ...others].sort(), Object.keys(operations).sort())
  for (const [operation, { run, sent, body, answer = item }] of cases) {
    const miro = standIn([answer === null ? empty() : json(answer)])
    await run(miro.client.board('b='))
    t.strictSame(miro.calls(), [sent], operation)
    t.equal(miro.sent[0]?.body, body === undefined ? null : JSON.stringify(body), operation)
    const template = sent.replace(/\?.*/, '').replace('b%3D', '{board_id}').replace(id, '{_}')
    t.equal(operations[operation as OperationId].replace(/\{(?!board_id\})\w+\}/, '{_}'), template, operation)
  }
})

t.test('board: nothing is sent until a member is called, and members work without their this', async (t) => {
  const { client, sent } = standIn([json(item)])
  const { stickyNotes: { create }, items: { iterate }, get } = client.board('b=')
  const walk = iterate()
  t.equal(sent.length, 0)
  t.equal((await create({})).id, id)
  await walk.return()
  t.ok(await errorOf(get()), 'this item is no board')
})

t.test('board: an id that no path can say is 404, one that is no text is MIRO_CONFIG, and nothing is sent', async (t) => {
  const { client, sent } = standIn([json(item)])
  for (const wrong of ['', '.', '..', undefined, null, 5] as string[]) {
    const isText = typeof wrong === 'string'
    const expected = isText ? { code: 'MIRO_API', miroStatus: 404, message: /Nothing was sent to Miro\.$/ } : { code: 'MIRO_CONFIG' }
    t.match(await errorOf(client.board(wrong).get()), expected)
    t.match(await errorOf(client.board(wrong).copy()), expected)
    const { items, tags, groups } = client.board('b')
    const calls: Array<Promise<unknown>> = [items.get(wrong), tags.attach(wrong, id), tags.detach(wrong, id)]
    calls.push(collect(tags.items(wrong)), collect(groups.items(wrong)))
    if (wrong !== undefined) calls.push(collect(items.iterate({ parent: wrong })))
    for (const call of calls) t.match(await errorOf(call), expected)
  }
  t.equal(sent.length, 0)
  await client.board('../x').items.get('a/../b?c#d')
  t.equal(sent[0]?.target, '/v2/boards/..%2Fx/items/a%2F..%2Fb%3Fc%23d')
})

t.test('board: items keep unknown fields and exact ids', async (t) => {
  const { client } = standIn([() => new Response(`{"id":${id},"type":"image","parent":{"id":3458764513820647932},"later":{"x":1}}`)])
  t.strictSame(await client.board('b').items.get('1'), { id, type: 'image', parent: { id: '3458764513820647932' }, later: { x: 1 } })
  t.equal((await standIn([json({ id: 5 })]).client.board('b').items.get('1')).id, '5')
  for (const answer of [{}, [], { id: '' }, { id: null }, 'x']) {
    t.match(await errorOf(standIn([json(answer)]).client.board('b').shapes.get('1')), { code: 'MIRO_BAD_RESPONSE' })
  }
})

t.test('board: members.share gives exact ids as texts', async (t) => {
  const { client } = standIn([() => new Response('{"successful":[3458764513820647931,5],"failed":[{"email":"a","reason":"b"}]}')])
  t.strictSame(await client.board('b').members.share({ emails: ['a'] }), { successful: [id, '5'], failed: [{ email: 'a', reason: 'b' }] })
})

t.test('board: groups.items reads pages within the data of the group, as in Miro\'s document, and a plain list', async (t) => {
  const other = { ...item, id: '5' }
  const group = (items: unknown[]): unknown => ({ id: '1', type: 'group', data: [{ type: 'cursor-list', data: items }] })
  for (const data of [group([item, other]), [{ data: [item, other] }], [item, other]]) {
    const { client } = standIn([json({ limit: 10, size: 2, data })])
    t.strictSame(await collect(client.board('b').groups.items('1')), [item, other])
  }
  const { client, calls } = standIn([json({ data: group([item]), cursor: 'c' }), json({ data: group([other]) })])
  t.strictSame(await collect(client.board('b').groups.items('1')), [item, other])
  t.strictSame(calls(), ['/items?group_item_id=1', '/items?group_item_id=1&cursor=c'].map((path) => `GET /v2/boards/b/groups${path}`))
  for (const data of [{}, { data: {} }, null, 'x']) {
    const { client } = standIn([json({ data })])
    t.match(await errorOf(collect(client.board('b').groups.items('1'))), { code: 'MIRO_BAD_RESPONSE' })
  }
})

t.test('board: copy and groups.update are sent once, though they are PUT', async (t) => {
  const down: Answer = json({}, { status: 503 })
  for (const call of [(b: BoardClient) => b.copy(), (b: BoardClient) => b.groups.update('1', ['2'])]) {
    const { client, sent } = standIn([down])
    t.match(await errorOf(call(client.board('b'))), { miroStatus: 503 })
    t.equal(sent.length, 1)
  }
})

t.test('board: a bulk has 1 to 20 items', async (t) => {
  const { client, sent } = standIn([json(page)])
  const { createBulk, createBulkFromFiles } = client.board('b').items
  const many = Array.from({ length: 21 }, () => ({ type: 'shape' as const }))
  for (const items of [[], many]) t.match(await errorOf(createBulk(items)), { code: 'MIRO_CONFIG' })
  t.match(await errorOf(createBulkFromFiles([])), { code: 'MIRO_CONFIG' })
  t.equal(sent.length, 0)
  t.equal((await createBulk(Object.freeze(many.slice(1)))).length, 1)
})

t.test('board: the types of calls', async (t) => {
  const check = async (b: BoardClient): Promise<void> => {
    await b.stickyNotes.create({ data: { content: 'a', shape: 'square' }, style: { fillColor: 'light_yellow' } })
    await b.stickyNotes.create({ style: { fillColor: 'a_new_colour' } })
    // @ts-expect-error a text needs its content
    await b.texts.create({ data: {} })
    // @ts-expect-error an image needs its address
    await b.images.create({ data: { title: 'a' } })
    // @ts-expect-error a frame has no parent
    await b.frames.create({ data: { title: 'a' }, parent: { id: '1' } })
    // @ts-expect-error a font size is a text
    await b.texts.update('1', { style: { fontSize: 14 } })
    // @ts-expect-error a connector has two ends
    await b.connectors.create({ startItem: { id: '1' } })
    const note = await b.stickyNotes.get('1')
    const content: string | undefined = note.data?.content
    const unknown: unknown = note['later']
    // @ts-expect-error nothing is known of such a field
    const text: string = note['later']
    t.ok([content, unknown, text])
  }
  t.type(check, 'function')
})

t.test('types: optional fields of inputs take undefined, and the geometry of an input is closed', async (t) => {
  const { client } = standIn([json({ ...item, ...board })])
  const { shapes, connectors, tags, stickyNotes } = client.board('b')
  const none = undefined
  await shapes.create({ data: { content: none }, style: none, position: { x: none } })
  await shapes.create({ geometry: { width: none, height: 5 } })
  await stickyNotes.create({ style: { fillColor: none }, parent: none })
  await connectors.update('1', { style: { color: none }, endItem: { position: { x: none } } })
  await tags.update('1', { title: none })
  await client.boards.create({ name: none, policy: none })
  // @ts-expect-error no such field
  await shapes.create({ geometry: { widht: 5 } })
  t.pass('it compiles')
})
