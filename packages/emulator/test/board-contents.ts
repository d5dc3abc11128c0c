import t from 'tap'
import { fieldsOf, openBoard, type OpenBoard } from './fixtures/board.js'

/** Creates two items, and returns their ids. */
async function createPair ({ create }: OpenBoard): Promise<[string, string]> {
  return [(await create('sticky_notes', { data: { content: 'A' } })).id, (await create('cards', { data: { title: 'B' } })).id]
}

t.test('connectors: are created with 200, listed, changed in part and deleted', async (t) => {
  const board = await openBoard(t)
  const [from, to] = await createPair(board)
  const created = await board.call('POST', '/connectors', {
    startItem: { id: from, snapTo: 'right' }, endItem: { id: to, position: { x: '10%', y: '20%' } }, captions: [{ content: 'c' }]
  })
  t.equal(created.status, 200)
  t.match(created.json, {
    id: /^\d{19}$/,
    type: 'connector',
    shape: 'curved',
    startItem: { id: from, position: { x: '100%', y: '50%' }, links: { self: new RegExp(`/items/${from}$`) } },
    endItem: { id: to, position: { x: '10%', y: '20%' } },
    captions: [{ content: 'c', position: '50%' }],
    style: { strokeStyle: 'normal' }
  })
  const path = `/connectors/${created.json.id}`
  t.same((await board.call('GET', path)).json, created.json)
  t.match((await board.call('GET', '/connectors')).json, { total: 1, limit: 10, data: [{ id: created.json.id }] })
  const changed = (await board.call('PATCH', path, { shape: 'straight', style: { strokeWidth: '3.0' }, startItem: { snapTo: 'auto' } })).json
  t.match(changed, { shape: 'straight', style: { strokeWidth: '3.0', strokeStyle: 'normal' }, endItem: { position: { x: '10%' } } })
  t.notOk('position' in changed.startItem)
  t.equal((await board.call('DELETE', path)).status, 204)
  for (const method of ['GET', 'DELETE']) t.equal((await board.call(method, path)).status, 404)
})

t.test('connectors: have two different ends on items of the board that are no frames', async (t) => {
  const board = await openBoard(t)
  const [from, to] = await createPair(board)
  const frame = (await board.create('frames', { data: {} })).id
  const post = async (body: unknown) => fieldsOf(await board.call('POST', '/connectors', body))
  t.same(await post({}), ['startItem', 'endItem'])
  t.same(await post({ startItem: { id: from }, endItem: {} }), ['endItem.id'])
  t.same(await post({ startItem: { id: '1' }, endItem: { id: frame } }), ['startItem.id', 'endItem.id'])
  t.same(await post({ startItem: { id: from }, endItem: { id: from } }), ['endItem.id'])
  t.same(await post({ startItem: { id: from }, endItem: { id: to }, shape: 'x', captions: [{}] }), ['shape', 'captions[0].content'])
  t.equal((await board.call('GET', '/connectors')).json.total, 0)
})

t.test('tags: are created, listed by offset, changed and deleted', async (t) => {
  const { call, create } = await openBoard(t)
  const tag = await create('tags', { title: 'urgent' })
  t.match(tag, { id: /^\d{19}$/, type: 'tag', title: 'urgent', fillColor: 'red', links: { self: /tags/ } })
  await create('tags', { title: 'later', fillColor: 'blue' })
  t.match((await call('GET', '/tags?limit=1&offset=1')).json, { total: 2, size: 1, offset: 1, limit: 1, data: [{ title: 'later' }] })
  t.match((await call('PATCH', `/tags/${tag.id}`, { fillColor: 'cyan' })).json, { title: 'urgent', fillColor: 'cyan' })
  t.match((await call('GET', `/tags/${tag.id}`)).json, { fillColor: 'cyan' })
  t.same(fieldsOf(await call('PATCH', `/tags/${tag.id}`, { title: 'later' })), ['title'], 'titles are unique')
  t.same(fieldsOf(await call('POST', '/tags', { fillColor: 'pink' })), ['title', 'fillColor'])
  t.same(fieldsOf(await call('POST', '/tags', { title: 'x'.repeat(121) })), ['title'])
  t.equal((await call('DELETE', `/tags/${tag.id}`)).status, 204)
  t.equal((await call('GET', `/tags/${tag.id}`)).status, 404)
})

t.test('tags: cards and sticky notes have up to eight, and keep none that is deleted', async (t) => {
  const board = await openBoard(t)
  const { call, create } = board
  const [note, card] = await createPair(board)
  const tags: string[] = []
  for (let n = 0; n < 9; n++) tags.push((await create('tags', { title: String(n) })).id)
  const attach = async (item: string, tag = '') => (await call('POST', `/items/${item}?tag_id=${tag}`)).status
  for (const tag of tags.slice(0, 8)) t.equal(await attach(note, tag), 204)
  t.equal(await attach(note, tags[0]), 204, 'again')
  t.equal(await attach(note, tags[8]), 400)
  t.equal(await attach((await create('shapes', {})).id, tags[0]), 400)
  t.same([await attach(card, '1'), await attach('1', tags[0])], [404, 404])
  t.equal((await call('POST', `/items/${card}`)).status, 400)
  await attach(card, tags[0])
  t.equal((await call('GET', `/items/${note}/tags`)).json.tags.length, 8)
  t.match((await call('GET', `/items?tag_id=${tags[0]}&limit=1`)).json, { total: 2, size: 1, data: [{ id: note }] })
  t.equal((await call('GET', '/items?tag_id=1')).status, 404)
  t.equal((await call('DELETE', `/items/${note}?tag_id=${tags[0]}`)).status, 204)
  t.equal((await call('GET', `/items/${note}`)).status, 200, 'the item stays')
  t.equal((await call('GET', `/items?tag_id=${tags[0]}`)).json.total, 1)
  await call('DELETE', `/tags/${tags[0]}`)
  t.same((await call('GET', `/items/${card}/tags`)).json, { tags: [] })
})

t.test('groups: have items, and a new id after a change', async (t) => {
  const board = await openBoard(t)
  const { call, create } = board
  const [note, card] = await createPair(board)
  const group = await create('groups', { data: { items: [note, card] } })
  t.match(group, { id: /^\d{19}$/, type: 'group', data: { items: [note, card] } })
  t.same((await call('GET', `/groups/${group.id}`)).json, group)
  t.match((await call('GET', '/groups')).json, { limit: 10, size: 1, data: [{ id: group.id }] })
  const items = (await call('GET', `/groups/items?group_item_id=${group.id}`)).json
  t.match(items, { size: 2, total: 2, data: { id: group.id, data: [{ data: [{ id: note }, { id: card }] }] } })
  t.equal((await call('GET', '/groups/items')).status, 400)
  t.equal((await call('GET', '/groups/items?group_item_id=1')).status, 404)
  const changed = await call('PUT', `/groups/${group.id}`, { data: { items: [card] } })
  t.match(changed, { status: 200, json: { data: { items: [card] } } })
  t.not(changed.json.id, group.id)
  t.equal((await call('GET', `/groups/${group.id}`)).status, 404)
  for (const body of [{}, { data: { items: [] } }, { data: { items: ['1'] } }, { data: { items: [card, 5] } }]) {
    t.equal((await call('POST', '/groups', body)).json.code, 'invalidParameters')
  }
})

t.test('groups: an item is in one group, and is deleted with it only where that is asked for', async (t) => {
  const board = await openBoard(t)
  const { call, create } = board
  const [note, card] = await createPair(board)
  await create('groups', { data: { items: [note] } })
  const second = await create('groups', { data: { items: [note, card] } })
  t.same((await call('GET', '/groups')).json.data.map(({ id }: { id: string }) => id), [second.id])
  t.equal((await call('DELETE', `/groups/${second.id}?delete_items=perhaps`)).status, 400)
  t.equal((await call('DELETE', `/groups/${second.id}`)).status, 204)
  t.equal((await call('GET', '/items')).json.total, 2)
  const third = await create('groups', { data: { items: [note] } })
  t.equal((await call('DELETE', `/groups/${third.id}?delete_items=true`)).status, 204)
  t.equal((await call('GET', '/items')).json.total, 1)
})

t.test('members: the team has the board, and seeded people are invited by their addresses', async (t) => {
  const { call, emulator } = await openBoard(t)
  const [ada, grace] = emulator.people
  const list = (await call('GET', '/members?limit=2')).json
  t.match(list, { total: 3, size: 2, data: [{ id: ada?.id, name: 'Ada Lovelace', role: 'owner', type: 'board_member' }, { role: 'editor' }] })
  t.equal((await call('DELETE', `/members/${grace?.id}`)).status, 204)
  t.equal((await call('GET', `/members/${grace?.id}`)).status, 404)
  const shared = await call('POST', '/members', { emails: ['Grace@example.com', 'no@example.com'], role: 'viewer' })
  t.equal(shared.status, 201)
  t.equal(shared.text, `{"successful":[${grace?.id}],"failed":[{"email":"no@example.com","reason":"No person has this address"}]}`)
  t.match((await call('GET', `/members/${grace?.id}`)).json, { role: 'viewer', links: { self: /members/ } })
  t.same(fieldsOf(await call('POST', '/members', { emails: [], role: 'boss' })), ['emails', 'role'])
  t.same(fieldsOf(await call('POST', '/members', {})), ['emails'])
})

t.test('members: a role is changed, another owner replaces the first, and the owner stays', async (t) => {
  const { call, emulator } = await openBoard(t)
  const [ada, grace] = emulator.people
  t.equal((await call('PATCH', `/members/${grace?.id}`, { role: 'commenter' })).json.role, 'commenter')
  t.equal((await call('PATCH', `/members/${ada?.id}`, { role: 'viewer' })).status, 400)
  t.equal((await call('DELETE', `/members/${ada?.id}`)).status, 400)
  t.same(fieldsOf(await call('PATCH', `/members/${grace?.id}`, { role: 'x' })), ['role'])
  t.equal((await call('PATCH', '/members/1', { role: 'viewer' })).status, 404)
  t.equal((await call('PATCH', `/members/${grace?.id}`, { role: 'owner' })).json.role, 'owner')
  const board = (await call('GET', '')).json
  t.match(board, { owner: { id: grace?.id }, createdBy: { id: ada?.id }, currentUserMembership: { id: ada?.id, role: 'coowner' } })
})
