import t from 'tap'
import { fieldsOf, openBoard } from './fixtures/board.js'

const URL = 'https://example.com/a.png'

/** Per kind: a body, what the answer has of it, and what a change makes of it. */
const kinds = [
  {
    path: 'sticky_notes',
    body: { data: { content: '<p>Hi</p>', shape: 'square' }, style: { fillColor: 'cyan' }, geometry: { width: 100 } },
    answer: { type: 'sticky_note', data: { content: '<p>Hi</p>' }, style: { fillColor: 'cyan', textAlign: 'center' } },
    change: { data: { content: 'Ho' } },
    changed: { data: { content: 'Ho', shape: 'square' }, style: { fillColor: 'cyan' } },
    wrong: { data: { content: 7, shape: 'round' }, style: { fillColor: 'pinkish' } },
    fields: ['data.content', 'data.shape', 'style.fillColor']
  },
  {
    path: 'texts',
    body: { data: { content: 'Hi' }, style: { fontSize: '20' }, geometry: { width: 90, rotation: 4 } },
    answer: { type: 'text', data: { content: 'Hi' }, style: { fontSize: '20' }, geometry: { width: 90, rotation: 4 } },
    change: { style: { color: '#ff0000' } },
    changed: { data: { content: 'Hi' }, style: { fontSize: '20', color: '#ff0000' } },
    wrong: { data: {}, style: { fontSize: 20, fillOpacity: '1.5' } },
    fields: ['data.content', 'style.fillOpacity', 'style.fontSize']
  },
  {
    path: 'shapes',
    body: { data: { shape: 'star' }, geometry: { width: 10, height: 20 } },
    answer: { type: 'shape', data: { shape: 'star', content: '' }, geometry: { width: 10, height: 20 } },
    change: { geometry: { height: 50 } },
    changed: { geometry: { width: 10, height: 50 } },
    wrong: { data: { shape: 'blob' }, geometry: { width: 0 }, style: { borderWidth: '25' } },
    fields: ['data.shape', 'style.borderWidth', 'geometry.width']
  },
  {
    path: 'cards',
    body: { data: { title: 'T', dueDate: '2026-04-01T10:00:00Z', assigneeId: '3458764520000000003' } },
    answer: { type: 'card', data: { title: 'T', assigneeId: '3458764520000000003' } },
    change: { data: { description: 'D' } },
    changed: { data: { title: 'T', description: 'D' } },
    wrong: { data: { dueDate: 'tomorrow', assigneeId: 3 } },
    fields: ['data.assigneeId', 'data.dueDate']
  },
  {
    path: 'app_cards',
    body: { data: { title: 'T', status: 'connected', fields: [{ value: 'v', iconShape: 'round' }] } },
    answer: { type: 'app_card', data: { title: 'T', status: 'connected', fields: [{ value: 'v' }], owned: true } },
    change: { data: { status: 'disabled' } },
    changed: { data: { title: 'T', status: 'disabled' } },
    wrong: { data: { fields: [{}, { iconShape: 'star' }], status: 'x' } },
    fields: ['data.fields[1].iconShape', 'data.status']
  },
  {
    path: 'frames',
    body: { data: { title: 'F' }, geometry: { width: 400, height: 300 } },
    answer: { type: 'frame', data: { title: 'F', format: 'custom', type: 'freeform' }, geometry: { width: 400, height: 300 } },
    change: { data: { title: 'G' } },
    changed: { data: { title: 'G' } },
    wrong: {},
    fields: ['data']
  },
  {
    path: 'embeds',
    body: { data: { url: 'https://example.com/film', mode: 'modal' } },
    answer: { type: 'embed', data: { url: 'https://example.com/film', mode: 'modal', providerUrl: 'https://example.com' } },
    change: { data: { mode: 'inline' } },
    changed: { data: { url: 'https://example.com/film', mode: 'inline' } },
    wrong: { data: { mode: 'inline' } },
    fields: ['data.url']
  },
  {
    path: 'images',
    body: { data: { url: URL, title: 'I' } },
    answer: { type: 'image', data: { title: 'I', imageUrl: /\/resources\/images\/\d{19}\?format=preview&redirect=false$/, url: undefined } },
    change: { data: { title: 'J' } },
    changed: { data: { title: 'J' } },
    wrong: { data: { url: 'ftp://example.com' } },
    fields: ['data.url']
  },
  {
    path: 'documents',
    body: { data: { url: URL } },
    answer: { type: 'document', data: { documentUrl: /\/resources\/documents\/\d{19}\?redirect=false$/ } },
    change: { geometry: { width: 200 } },
    changed: { geometry: { width: 200, height: 260 } },
    wrong: { data: { title: 'D' }, geometry: { width: 5, height: 5 } },
    fields: ['data.url', 'geometry']
  }
]

for (const { path, body, answer, change, changed, wrong, fields } of kinds) {
  t.test(`items: ${path} are created with 201, read, changed in part, and deleted with 204`, async (t) => {
    const { call, emulator } = await openBoard(t)
    const created = await call('POST', `/${path}`, body)
    t.equal(created.status, 201)
    const { id } = created.json
    t.match(created.json, { ...answer, id: /^\d{19}$/, position: { x: 0, y: 0, origin: 'center', relativeTo: 'canvas_center' } })
    t.match(created.json, { createdAt: '2026-03-30T17:26:50Z', createdBy: { id: emulator.people[0]?.id, type: 'user' } })
    t.same((await call('GET', `/${path}/${id}`)).json, created.json)
    emulator.miroClock.advance(5_000)
    const after = await call('PATCH', `/${path}/${id}`, change)
    t.equal(after.status, 200)
    t.match(after.json, { ...changed, createdAt: '2026-03-30T17:26:50Z', modifiedAt: '2026-03-30T17:26:55Z' })
    const moved = await call('PATCH', `/${path}/${id}`, { position: { x: 7.5, y: -2 } })
    t.match(moved.json, { ...changed, position: { x: 7.5, y: -2 } })
    t.equal((await call('DELETE', `/${path}/${id}`)).status, 204)
    t.equal((await call('GET', `/${path}/${id}`)).json.code, 'notFound')
    t.equal((await call('DELETE', `/${path}/${id}`)).status, 404)
  })

  t.test(`items: wrong fields of ${path} are refused in Miro’s form, and nothing is created`, async (t) => {
    const { call } = await openBoard(t)
    const refused = await call('POST', `/${path}`, wrong)
    t.match(refused.json, { status: 400, code: 'invalidParameters', type: 'error', message: String })
    t.same(fieldsOf(refused), fields)
    t.match(refused.json.context.fields[0], { field: fields[0], message: `${fields[0]} ` })
    t.equal((await call('GET', '/items')).json.total, 0)
  })
}

t.test('items: an item of another kind is not found', async (t) => {
  const { call, create } = await openBoard(t)
  const { id } = await create('shapes', {})
  for (const [method, body] of [['GET'], ['PATCH', {}], ['DELETE']] as const) {
    t.equal((await call(method, `/cards/${id}`, body)).status, 404, method)
  }
  t.equal((await call('GET', `/shapes/${id}`)).status, 200)
})

t.test('items: of a kind with a fixed ratio one side is set, and the other follows', async (t) => {
  const { call, create } = await openBoard(t)
  const { id, geometry } = await create('images', { data: { url: URL }, geometry: { height: 100 } })
  t.same(geometry, { width: 150, height: 100 })
  t.same((await call('PATCH', `/images/${id}`, { geometry: { width: 300 } })).json.geometry, { width: 300, height: 200 })
  t.same(fieldsOf(await call('PATCH', `/images/${id}`, { geometry: { width: 1, height: 1 } })), ['geometry'])
  t.match(await create('sticky_notes', { data: { shape: 'rectangle' } }), { geometry: { width: 350, height: 228 } })
})

t.test('items: an unknown field is disregarded, and null is no value', async (t) => {
  const { call, create } = await openBoard(t)
  const card = await create('cards', { data: { title: 'T', flavour: 'x' }, tags: ['x'], id: '5' })
  t.match(card, { data: { title: 'T', flavour: undefined } })
  t.not(card.id, '5')
  t.same(fieldsOf(await call('POST', '/cards', { data: { title: null } })), ['data.title'])
  t.same(fieldsOf(await call('POST', '/cards', { data: null, style: [], position: { x: '1' } })), ['data', 'style', 'position.x'])
})

t.test('items: a body that is no JSON object gets 400, and an unknown board 404', async (t) => {
  const { call, emulator, token } = await openBoard(t)
  for (const body of [[], 'text', 5, null]) t.equal((await call('POST', '/texts', body)).status, 400, JSON.stringify(body))
  const answer = await fetch(`${emulator.apiUrl}/v2/boards/none/texts`, {
    method: 'POST', headers: { authorization: `Bearer ${token}` }
  })
  t.equal(answer.status, 404)
})
