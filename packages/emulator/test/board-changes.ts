import t from 'tap'
import { fieldsOf, openBoard } from './fixtures/board.js'
import { callApi, startEmulator } from './fixtures/visitor.js'

t.test('boards: a change leaves what it does not name, and a deleted board is not found', async (t) => {
  const { call, emulator } = await openBoard(t)
  await call('PATCH', '', { description: 'D', policy: { sharingPolicy: { access: 'view' } } })
  emulator.miroClock.advance(60_000)
  const changed = await call('PATCH', '', { name: 'N', policy: { permissionsPolicy: { copyAccess: 'board_owner' } } })
  t.match(changed, {
    status: 200,
    json: {
      name: 'N',
      description: 'D',
      policy: { sharingPolicy: { access: 'view' }, permissionsPolicy: { copyAccess: 'board_owner' } },
      modifiedAt: '2026-03-30T17:27:50Z'
    }
  })
  t.notOk('lastOpenedAt' in changed.json)
  t.match((await call('GET', '')).json, { name: 'N', lastOpenedAt: String })
  const wrong = { name: '', policy: { sharingPolicy: { access: 'all' }, permissionsPolicy: { colour: 'red' } } }
  t.same(fieldsOf(await call('PATCH', '', wrong)), ['name', 'policy.permissionsPolicy', 'policy.sharingPolicy.access'])
  t.equal((await call('PATCH', '', { teamId: '1' })).status, 403)
  t.equal((await call('DELETE', '')).status, 204)
  for (const method of ['GET', 'PATCH', 'DELETE']) t.equal((await call(method, '')).json.code, 'notFound')
  t.equal((await call('GET', '/items')).status, 404)
})

t.test('boards: a copy has the contents with ids of their own, which refer to each other', async (t) => {
  const { call, create, emulator, path, token } = await openBoard(t)
  const frame = await create('frames', { data: {} })
  const note = await create('sticky_notes', { data: { content: 'A' }, parent: { id: frame.id } })
  const card = await create('cards', {})
  await create('connectors', { startItem: { id: note.id }, endItem: { id: card.id } })
  const tag = await create('tags', { title: 'T' })
  await call('POST', `/items/${note.id}?tag_id=${tag.id}`)
  await create('groups', { data: { items: [note.id, card.id] } })
  const id = path.replace('/v2/boards/', '')
  const copy = (init: RequestInit, query = `?copy_from=${id}`) =>
    callApi(emulator, `/v2/boards${query}`, token, { method: 'PUT', ...init })
  const made = await copy({})
  t.match(made, { status: 201, json: { name: 'Untitled', type: 'board' } })
  const of = async (below: string) => (await callApi(emulator, `/v2/boards/${made.json['id']}${below}`, token)).json as any
  const [newFrame, newNote, newCard] = (await of('/items')).data
  t.not(newNote.id, note.id)
  t.equal(newNote.parent.id, newFrame.id)
  t.match((await of('/connectors')).data[0], { startItem: { id: newNote.id }, endItem: { id: newCard.id } })
  t.match((await of('/groups')).data[0].data.items, [newNote.id, newCard.id])
  const [newTag] = (await of('/tags')).data
  t.not(newTag.id, tag.id)
  t.same((await of(`/items/${newNote.id}/tags`)).tags, [newTag])
  const named = { body: '{"name":"Named"}', headers: { 'content-type': 'application/json' } }
  t.match((await copy(named)).json, { name: 'Named' })
  t.equal((await copy({}, '?copy_from=none')).status, 404)
  t.equal((await copy({}, '')).status, 400)
})

t.test('conflict: a fault refuses a change with 409 in Miro’s envelope', async (t) => {
  const { call, create, emulator } = await openBoard(t)
  const { id } = await create('cards', { data: { title: 'A' } })
  emulator.faults.add({ on: 'api', match: ({ method }) => method === 'PATCH', do: 'refuse', as: 'conflict' })
  t.match((await call('PATCH', `/cards/${id}`, { data: { title: 'B' } })).json, { status: 409, code: 'conflict', type: 'error' })
  t.equal((await call('GET', `/cards/${id}`)).json.data.title, 'A')
  t.equal((await call('PATCH', `/cards/${id}`, { data: { title: 'B' } })).status, 200)
})

/** What each operation costs: Miro's reference has a level for each. */
const costs: [string, string, number, unknown?][] = [
  ['GET', '', 50], ['PATCH', '', 100, {}],
  ['POST', '/sticky_notes', 100, {}], ['GET', '/sticky_notes/1', 50], ['PATCH', '/sticky_notes/1', 100, {}],
  ['DELETE', '/sticky_notes/1', 500],
  ['GET', '/items', 100], ['GET', '/items?tag_id=1', 50], ['GET', '/items/1', 50], ['PATCH', '/items/1', 100, {}],
  ['DELETE', '/items/1', 500], ['DELETE', '/items/1?tag_id=1', 50], ['POST', '/items/1?tag_id=1', 50],
  ['GET', '/items/1/tags', 50],
  ['POST', '/items/bulk', 300, [{ type: 'card' }, { type: 'card' }, { type: 'x' }]], ['POST', '/items/bulk', 100, 'x'],
  ['POST', '/connectors', 100, {}], ['GET', '/connectors', 100], ['GET', '/connectors/1', 50],
  ['PATCH', '/connectors/1', 100, {}], ['DELETE', '/connectors/1', 500],
  ['POST', '/tags', 50, {}], ['GET', '/tags', 50], ['GET', '/tags/1', 50], ['PATCH', '/tags/1', 50, {}],
  ['DELETE', '/tags/1', 50],
  ['POST', '/groups', 100, {}], ['GET', '/groups', 100], ['GET', '/groups/1', 100], ['GET', '/groups/items', 100],
  ['PUT', '/groups/1', 100, {}], ['DELETE', '/groups/1', 500],
  ['POST', '/members', 500, {}], ['GET', '/members', 50], ['GET', '/members/1', 50], ['PATCH', '/members/1', 100, {}],
  ['DELETE', '/members/1', 100], ['DELETE', '', 500]
]

t.test('rate limit: every operation costs the credits of its level, also where it refuses', async (t) => {
  const { call } = await openBoard(t)
  let left = 100_000 - 500
  for (const [method, below, cost, body] of costs) {
    left -= cost
    const { headers } = await call(method, below, body)
    t.equal(headers.get('x-ratelimit-remaining'), String(left), `${method} ${below}`)
  }
})

t.test('rate limit: a bulk create beyond the credits gets 429, and creates nothing', async (t) => {
  const { call, emulator } = await openBoard(t)
  emulator.set({ creditsPerMinute: 700 })
  t.equal((await call('POST', '/items/bulk', [{ type: 'card' }, { type: 'card' }, { type: 'card' }])).status, 429)
  t.equal((await call('POST', '/items/bulk', [{ type: 'card' }, { type: 'card' }])).status, 201)
})

t.test('scopes: a change needs boards:write and a read boards:read, for every operation', async (t) => {
  for (const scope of ['boards:read', 'boards:write']) {
    const emulator = await startEmulator(t, { seed: { app: { scopes: [scope] } } })
    const { accessToken } = emulator.issueTokens(emulator.person('Ada Lovelace'))
    for (const [method, below] of costs) {
      const isAllowed = (method === 'GET') === (scope === 'boards:read')
      const { status, json } = await callApi(emulator, `/v2/boards/none${below}`, accessToken, { method })
      t.match(json, isAllowed ? { code: 'notFound' } : { status: 403, code: 'insufficientPermissions' }, `${status} ${method} ${below}`)
    }
  }
})
