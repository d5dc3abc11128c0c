import t from 'tap'
import { fieldsOf, openBoard } from './fixtures/board.js'

const FRAME = { data: { title: 'F' }, position: { x: 100, y: 50 }, geometry: { width: 200, height: 100 } }

t.test('items: the list is filtered by type and by the frame they are in', async (t) => {
  const { call, create } = await openBoard(t)
  const frame = await create('frames', FRAME)
  const inside = await create('texts', { data: { content: 'in' }, parent: { id: frame.id } })
  await create('texts', { data: { content: 'out' } })
  await create('cards', { parent: { id: frame.id } })
  t.equal((await call('GET', '/items')).json.total, 4)
  t.equal((await call('GET', '/items?type=text')).json.total, 2)
  t.equal((await call('GET', `/items?parent_item_id=${frame.id}`)).json.total, 2)
  const both = (await call('GET', `/items?parent_item_id=${frame.id}&type=text`)).json
  t.same(both.data.map(({ id }: { id: string }) => id), [inside.id])
  t.match(both.data[0], { type: 'text', parent: { id: frame.id }, position: { relativeTo: 'parent_top_left' } })
  t.notOk('style' in both.data[0])
  t.equal((await call('GET', `/items?parent_item_id=${inside.id}`)).status, 404, 'no frame')
  t.equal((await call('GET', '/items?type=sticky')).json.code, 'invalidParameters')
  t.equal((await call('GET', '/items?type=doc_format')).json.total, 0)
})

t.test('items: a cursor goes on behind its item, also where that was deleted', async (t) => {
  const { call, create } = await openBoard(t)
  for (let n = 0; n < 12; n++) await create('shapes', { data: { content: String(n) } })
  const first = (await call('GET', '/items')).json
  t.match(first, { size: 10, total: 12, links: { next: /limit=10&cursor=/ } })
  await call('DELETE', `/items/${first.data.at(-1).id}`)
  await create('shapes', { data: { content: '12' } })
  const second = (await call('GET', `/items?cursor=${first.cursor}`)).json
  t.same(second.data.map(({ data }: { data: { content: string } }) => data.content), ['10', '11', '12'])
})

t.test('items: one of any kind is read, moved and deleted without its kind', async (t) => {
  const { call, create } = await openBoard(t)
  const { id } = await create('embeds', { data: { url: 'https://example.com' } })
  t.match((await call('GET', `/items/${id}`)).json, { id, type: 'embed', position: { x: 0, y: 0 } })
  t.match((await call('PATCH', `/items/${id}`, { position: { x: 3, y: 4 } })).json, { position: { x: 3, y: 4 } })
  t.same(fieldsOf(await call('PATCH', `/items/${id}`, { position: { x: 'left' } })), ['position.x'])
  t.equal((await call('DELETE', `/items/${id}`)).status, 204)
  for (const method of ['GET', 'DELETE']) t.equal((await call(method, `/items/${id}`)).status, 404)
  t.equal((await call('PATCH', `/items/${id}`, {})).status, 404)
})

t.test('items: one that enters or leaves a frame without a new position stays where it is', async (t) => {
  const { call, create } = await openBoard(t)
  const frame = await create('frames', FRAME)
  const { id } = await create('cards', { position: { x: 100, y: 50 } })
  const inside = (await call('PATCH', `/items/${id}`, { parent: { id: frame.id } })).json
  t.match(inside, { parent: { id: frame.id }, position: { x: 100, y: 50, relativeTo: 'parent_top_left' } })
  await call('PATCH', `/frames/${frame.id}`, { position: { x: 1_000, y: 0 } })
  t.match((await call('GET', `/cards/${id}`)).json, {
    position: { x: 100, y: 50 }, parent: { id: frame.id, links: { self: new RegExp(`/frames/${frame.id}$`) } }
  })
  const out = (await call('PATCH', `/items/${id}`, { parent: { id: null } })).json
  t.match(out, { position: { x: 1_000, y: 0, relativeTo: 'canvas_center' } })
  t.notOk('parent' in out)
  t.match((await call('PATCH', `/cards/${id}`, { parent: { id: frame.id }, position: { x: 1, y: 2 } })).json, {
    position: { x: 1, y: 2 }
  })
})

t.test('items: a parent is a frame of the same board, and a frame has none', async (t) => {
  const { call, create } = await openBoard(t)
  const frame = await create('frames', FRAME)
  const card = await create('cards', {})
  for (const id of [card.id, '7']) {
    t.same(fieldsOf(await call('POST', '/texts', { data: { content: 'x' }, parent: { id } })), ['parent.id'])
    t.same(fieldsOf(await call('PATCH', `/items/${card.id}`, { parent: { id } })), ['parent.id'])
  }
  t.same(fieldsOf(await call('PATCH', `/items/${card.id}`, { parent: { id: 7 } })), ['parent.id'])
  const other = await create('frames', FRAME)
  t.same(fieldsOf(await call('PATCH', `/items/${other.id}`, { parent: { id: frame.id } })), ['parent'])
})

t.test('items: a deleted frame leaves its items on the board, and a deleted item takes its connectors along', async (t) => {
  const { call, create } = await openBoard(t)
  const frame = await create('frames', FRAME)
  const card = await create('cards', { parent: { id: frame.id }, position: { x: 100, y: 50 } })
  const text = await create('texts', { data: { content: 'x' } })
  await create('connectors', { startItem: { id: card.id }, endItem: { id: text.id } })
  await create('groups', { data: { items: [card.id, text.id] } })
  t.equal((await call('DELETE', `/frames/${frame.id}`)).status, 204)
  t.match((await call('GET', `/items/${card.id}`)).json, { position: { x: 100, y: 50, relativeTo: 'canvas_center' } })
  t.equal((await call('DELETE', `/texts/${text.id}`)).status, 204)
  t.equal((await call('GET', '/connectors')).json.total, 0)
  t.same((await call('GET', '/groups')).json.data[0].data.items, [card.id])
  await call('DELETE', `/items/${card.id}`)
  t.same((await call('GET', '/groups')).json.data, [])
})

t.test('bulk: up to twenty items are created with 201, in their order', async (t) => {
  const { call, create } = await openBoard(t)
  const frame = await create('frames', FRAME)
  const answer = await call('POST', '/items/bulk', [
    { type: 'sticky_note', data: { content: 'a' }, style: { fillColor: 'red' } },
    { type: 'text', data: { content: 'b' }, parent: { id: frame.id } },
    { type: 'image', data: { url: 'https://example.com/a.png' } },
    { type: 'frame', data: { title: 'c' } }
  ])
  t.equal(answer.status, 201)
  t.same(answer.json.data.map(({ type }: { type: string }) => type), ['sticky_note', 'text', 'image', 'frame'])
  t.match(answer.json.data[1], { data: { content: 'b' }, parent: { id: frame.id }, links: { self: /texts/ } })
  t.equal((await call('GET', '/items')).json.total, 5)
  const many = (count: number) => call('POST', '/items/bulk', Array.from({ length: count }, () => ({ type: 'shape' })))
  t.equal((await many(20)).status, 201)
  for (const count of [0, 21]) t.equal((await many(count)).status, 400, String(count))
})

t.test('bulk: with one item that is wrong none is created, and every problem is named', async (t) => {
  const { call, create } = await openBoard(t)
  const frame = await create('frames', FRAME)
  const refused = await call('POST', '/items/bulk', [
    { type: 'shape' }, { type: 'text' }, { type: 'preview' }, 'x', { type: 'card', parent: { id: '1' } },
    { type: 'frame', data: {}, parent: { id: frame.id } }, { type: 'shape', style: { fontSize: 9 } }
  ])
  t.match(refused.json, { status: 400, code: 'invalidParameters', type: 'error' })
  t.same(fieldsOf(refused), ['[1].data', '[2].type', '[3]', '[4].parent.id', '[5].parent', '[6].style.fontSize'])
  t.equal((await call('GET', '/items')).json.total, 1)
  for (const body of [{}, null, 'x']) t.equal((await call('POST', '/items/bulk', body)).status, 400)
})
