import type { Board } from '../src/boards/board.js'
import { addItems } from '../src/boards/board-contents.js'
import { requireRoomForBoard, requireRoomForItems } from '../src/boards/room.js'
import type { BoardItem } from '../src/items/item.js'
import { MiroRefusal } from '../src/wire/envelope.js'
import t from 'tap'
import { callApi, connect, send, startEmulator } from './fixtures/visitor.js'
import type { Emulator } from '../src/index.js'

interface BoardList {
  type: string
  total: number
  size: number
  offset: number
  limit: number
  links: Record<string, string>
  data: { id: string, name: string, viewLink: string, team: { id: string }, owner: { id: string } }[]
}

async function list (emulator: Emulator, token: string, query = ''): Promise<BoardList> {
  return (await callApi(emulator, `/v2/boards${query}`, token)).json as unknown as BoardList
}

function create (emulator: Emulator, token: string, body: unknown) {
  const headers = { 'content-type': 'application/json' }
  return callApi(emulator, '/v2/boards', token, {
    method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body)
  })
}

t.test('boards: the list has the documented shape', async (t) => {
  const emulator = await startEmulator(t)
  const { access_token: token, user_id: userId, team_id: teamId } = await connect(emulator)
  const answer = await callApi(emulator, '/v2/boards', token)
  const page = answer.json as unknown as BoardList
  t.match(page, { type: 'list', total: 8, size: 8, offset: 0, limit: 20 })
  t.match(page.data[0], {
    id: 'uXjVOD6LSME=',
    type: 'board',
    name: 'Onboarding journey',
    viewLink: `${emulator.url}/app/board/uXjVOD6LSME=`,
    team: { type: 'team', id: teamId, name: 'Acme Design' },
    policy: { permissionsPolicy: { copyAccess: 'anyone' }, sharingPolicy: { access: 'private' } },
    owner: { id: userId, name: 'Ada Lovelace', type: 'user' },
    currentUserMembership: { id: userId, role: 'owner', type: 'board_member' },
    createdAt: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
  })
  t.notOk('links' in (page.data[0] ?? {}))
  t.match(answer.text, /"picture":\{"type":"picture","id":\d{19},/, 'the picture’s id is a bare number beyond 2^53')
})

t.test('boards: offset pages have http links and show every board once', async (t) => {
  const emulator = await startEmulator(t)
  const { access_token: token } = await connect(emulator)
  const pages = [
    await list(emulator, token, '?limit=3'), await list(emulator, token, '?limit=3&offset=3'),
    await list(emulator, token, '?limit=3&offset=6')
  ]
  t.same(pages.map(({ size }) => size), [3, 3, 2])
  t.equal(new Set(pages.flatMap(({ data }) => data.map(({ id }) => id))).size, 8)
  const at = (offset: number) => `${emulator.url}/v2/boards?limit=3&offset=${offset}`
  t.same(pages[0]?.links, { self: at(0), first: at(0), next: at(3), last: at(6) })
  t.same(pages[1]?.links, { self: at(3), first: at(0), prev: at(0), next: at(6), last: at(6) })
  t.same(pages[2]?.links, { self: at(6), first: at(0), prev: at(3), last: at(6) })
  t.match(await list(emulator, token, '?offset=100'), { size: 0, total: 8, data: [] })
})

t.test('boards: limit, offset, sort and query are validated', async (t) => {
  const emulator = await startEmulator(t)
  const { access_token: token } = await connect(emulator)
  for (const query of [
    'limit=0', 'limit=51', 'limit=', 'limit=x', 'limit=1.5', 'limit=-1', 'limit=1&limit=2', 'offset=-1', 'offset=x',
    'offset=99999999999999999999', 'limit=%E0%A4%A', 'sort=random', `query=${'x'.repeat(501)}`
  ]) {
    const answer = await callApi(emulator, `/v2/boards?${query}`, token)
    t.equal(answer.status, 400, query.slice(0, 40))
    t.equal(answer.json['code'], 'invalidParameters')
  }
  t.equal((await list(emulator, token, '?limit=50&offset=0&unknown=1')).limit, 50)
})

t.test('boards: the list can be searched, filtered and sorted', async (t) => {
  const emulator = await startEmulator(t)
  const { access_token: token, team_id: teamId, user_id: userId } = await connect(emulator)
  t.same((await list(emulator, token, '?query=RETRO')).data.map(({ name }) => name), ['Retrospective, sprint 42'])
  const own = await list(emulator, token, `?owner=${userId}`)
  t.ok(own.total > 0 && own.total < 8)
  t.ok(own.data.every(({ owner }) => owner.id === userId))
  const ofTeam = await list(emulator, token, `?team_id=${teamId}&query=nothing-like-it`)
  t.equal(ofTeam.total, 8, 'with a team, the search text is ignored')
  t.equal((await list(emulator, token, '?project_id=1')).total, 0)
  const names = (await list(emulator, token, '?sort=alphabetically')).data.map(({ name }) => name)
  t.same(names, [...names].sort())
  t.equal((await list(emulator, token, '?sort=last_created')).total, 8)
})

t.test('boards: a token reaches the boards of its team only', async (t) => {
  const emulator = await startEmulator(t)
  const acme = await connect(emulator, 0)
  const harbour = await connect(emulator, 1)
  const boards = await list(emulator, harbour.access_token)
  t.equal(boards.total, 4)
  t.ok(boards.data.every(({ team }) => team.id === harbour['team_id']))
  const foreign = `/v2/boards/${encodeURIComponent(boards.data[0]?.id ?? '')}`
  t.equal((await callApi(emulator, foreign, harbour.access_token)).status, 200)
  t.equal((await callApi(emulator, foreign, acme.access_token)).json['code'], 'notFound')
  t.equal((await callApi(emulator, `${foreign}/items`, acme.access_token)).status, 404)
  t.equal((await list(emulator, acme.access_token, `?team_id=${harbour['team_id']}`)).total, 0)
})

t.test('boards: a board is found by its id, encoded or not, and has links', async (t) => {
  const emulator = await startEmulator(t)
  const { access_token: token } = await connect(emulator)
  const encoded = await callApi(emulator, '/v2/boards/uXjVOD6LSME%3D', token)
  t.equal(encoded.status, 200)
  t.match(encoded.json, { id: 'uXjVOD6LSME=', links: { self: `${emulator.url}/v2/boards/uXjVOD6LSME%3D` } })
  t.same((await callApi(emulator, '/v2/boards/uXjVOD6LSME=', token)).json, encoded.json)
  t.equal((await callApi(emulator, '/v2/boards/none', token)).status, 404)
  t.equal((await callApi(emulator, `/v2/boards/${'x'.repeat(2_000)}`, token)).status, 414)
})

t.test('boards: a board is created with 201, and comes first in the list', async (t) => {
  const emulator = await startEmulator(t)
  const { access_token: token, user_id: userId, team_id: teamId } = await connect(emulator)
  const created = await create(emulator, token, {
    name: 'New plan', description: 'By us', policy: { sharingPolicy: { teamAccess: 'edit' } }
  })
  t.equal(created.status, 201)
  t.match(created.json, {
    type: 'board',
    name: 'New plan',
    description: 'By us',
    owner: { id: userId },
    team: { id: teamId },
    createdAt: '2026-03-30T17:26:50Z',
    policy: { sharingPolicy: { teamAccess: 'edit', access: 'private' } }
  })
  t.match(created.json['id'], /^uXjV[\w-]{7}=$/)
  const boards = await list(emulator, token)
  t.equal(boards.total, 9)
  t.equal(boards.data[0]?.id, created.json['id'])
  t.equal((await callApi(emulator, `/v2/boards/${created.json['id']}/items`, token)).json['total'], 0)
})

t.test('boards: a new board without a name is called Untitled', async (t) => {
  const emulator = await startEmulator(t)
  const { access_token: token, team_id: teamId } = await connect(emulator)
  t.equal((await create(emulator, token, {})).json['name'], 'Untitled')
  t.equal((await callApi(emulator, '/v2/boards', token, { method: 'POST' })).json['name'], 'Untitled')
  t.equal((await create(emulator, token, { teamId, name: 'x'.repeat(60), description: 'x'.repeat(300) })).status, 201)
})

t.test('boards: a new board with invalid fields is refused', async (t) => {
  const emulator = await startEmulator(t)
  const { access_token: token } = await connect(emulator)
  const invalid = [
    { name: '' }, { name: 'x'.repeat(61) }, { name: 7 }, { name: null },
    { description: 'x'.repeat(301) }, { description: [] }, { teamId: 7 },
    { policy: 'open' }, { policy: { sharingPolicy: 1 } },
    { policy: { sharingPolicy: { unknown: 'x' } } }, { policy: { permissionsPolicy: { copyAccess: 1 } } },
    [], 'null', '{', '"text"'
  ]
  for (const body of invalid) {
    const answer = await create(emulator, token, body)
    t.equal(answer.status, 400, JSON.stringify(body).slice(0, 60))
    t.equal(answer.json['code'], 'invalidParameters')
  }
  t.equal((await create(emulator, token, { teamId: '1' })).status, 403)
  t.equal((await create(emulator, token, { projectId: '1' })).status, 404)
  const form = { method: 'POST', body: new URLSearchParams({ name: 'x' }) }
  t.equal((await callApi(emulator, '/v2/boards', token, form)).status, 400)
  t.equal((await create(emulator, token, { name: 'x'.repeat(300_000) })).status, 413)
  t.equal((await list(emulator, token)).total, 8, 'no board was created')
})

t.test('items: cursor pages show every item once', async (t) => {
  const emulator = await startEmulator(t)
  const { access_token: token } = await connect(emulator)
  const items = '/v2/boards/uXjVOD6LSME%3D/items'
  const first = (await callApi(emulator, items, token)).json
  t.match(first, { total: 13, size: 10, limit: 10, cursor: /^[\w-]+$/ })
  const second = (await callApi(emulator, `${items}?cursor=${first['cursor']}`, token)).json
  t.match(second, { total: 13, size: 3 })
  t.notOk('cursor' in second)
  const ids = [first, second].flatMap(({ data }) => (data as { id: string }[]).map(({ id }) => id))
  t.equal(new Set(ids).size, 13)
  const whole = (await callApi(emulator, `${items}?limit=50&cursor=`, token)).json
  t.match(whole, { size: 13 })
  t.match((whole['data'] as unknown[])[0], {
    id: ids[0],
    type: 'text',
    data: { content: 'Welcome mail' },
    geometry: {},
    position: { x: 0, y: 0, origin: 'center' }
  })
  t.equal((await callApi(emulator, `${items}?type=text`, token)).json['total'], 1)
})

t.test('items: a limit out of bounds and an unknown cursor are refused', async (t) => {
  const emulator = await startEmulator(t)
  const { access_token: token } = await connect(emulator)
  for (const query of ['limit=9', 'limit=51', 'limit=x', 'cursor=nowhere', 'cursor=%E0%A4%A']) {
    t.equal((await callApi(emulator, `/v2/boards/uXjVOD6LSME%3D/items?${query}`, token)).status, 400, query)
  }
})

t.test('api: a missing or unknown token and another scheme than Bearer get 401 in Miro’s envelope', async (t) => {
  const emulator = await startEmulator(t)
  const { access_token: token } = await connect(emulator)
  const none = await callApi(emulator, '/v2/boards')
  t.match(none.json, { status: 401, code: 'tokenNotProvided', type: 'error' })
  t.equal((await callApi(emulator, '/v2/boards', 'guess')).status, 401)
  t.equal((await callApi(emulator, `/v2/boards?access_token=${token}`)).status, 401)
  t.equal((await send(`${emulator.apiUrl}/v2/boards`, { headers: { authorization: `Basic ${token}` } })).status, 401)
  t.equal((await send(`${emulator.apiUrl}/v2/boards`, { headers: { authorization: `bearer ${token}` } })).status, 200)
})

t.test('api: a call without the required scope gets 403', async (t) => {
  const reader = await startEmulator(t, { seed: { app: { scopes: ['boards:read'] } } })
  const { access_token: readToken } = await connect(reader)
  t.equal((await create(reader, readToken, {})).json['status'], 403)
  t.equal((await callApi(reader, '/v2/boards', readToken)).status, 200)
  const writer = await startEmulator(t, { seed: { app: { scopes: ['boards:write'] } } })
  const { access_token: writeToken } = await connect(writer)
  for (const path of ['/v2/boards', '/v2/boards/uXjVOD6LSME%3D', '/v2/boards/uXjVOD6LSME%3D/items']) {
    t.equal((await callApi(writer, path, writeToken)).status, 403)
  }
  t.equal((await create(writer, writeToken, {})).status, 201)
})

t.test('rate limit: each call costs its person credits by level, until the next minute', async (t) => {
  const emulator = await startEmulator(t, { creditsPerMinute: 700 })
  const ada = await connect(emulator, 0)
  const grace = await connect(emulator, 2)
  const left = async (path: string, token: string, init: RequestInit = {}) => {
    const { status, headers } = await callApi(emulator, path, token, init)
    return [status, headers.get('x-ratelimit-limit'), headers.get('x-ratelimit-remaining')]
  }
  t.same(await left('/v2/boards', ada.access_token), [200, '700', '650'])
  t.same(await left('/v2/boards/uXjVOD6LSME%3D/items', ada.access_token), [200, '700', '550'])
  t.same(await left('/v2/boards', ada.access_token, { method: 'POST' }), [201, '700', '50'])
  t.same(await left('/v2/boards/none', ada.access_token), [404, '700', '0'])
  const refused = await callApi(emulator, '/v2/boards', ada.access_token)
  t.match(refused.json, { status: 429, code: 'tooManyRequests', type: 'error' })
  t.equal(refused.headers.get('x-ratelimit-reset'), String(Date.UTC(2026, 2, 30, 17, 27) / 1_000))
  t.same(await left('/v2/boards', grace.access_token), [200, '700', '650'])
  emulator.miroClock.advance(10_000)
  t.same(await left('/v2/boards', ada.access_token), [200, '700', '650'])
})

t.test('rate limit: the default is 100,000 credits per minute', async (t) => {
  const emulator = await startEmulator(t)
  const { access_token: token } = await connect(emulator)
  t.equal((await callApi(emulator, '/v2/boards', token)).headers.get('x-ratelimit-remaining'), '99950')
})

t.test('api: an unknown path gets 404 and a malformed one 400, in Miro’s envelope', async (t) => {
  const emulator = await startEmulator(t)
  const { access_token: token } = await connect(emulator)
  for (const [path, method] of [
    ['/v2/nothing', 'GET'], ['/v1/oauth/token', 'GET'], ['/v2/boards', 'DELETE'], ['/v2/boards/', 'GET'],
    ['/nothing', 'GET'], ['/app/board/none', 'GET']
  ]) {
    const answer = await callApi(emulator, path ?? '', token, { method: method ?? '' })
    t.match(answer.json, { status: 404, code: 'notFound', type: 'error' }, `${method} ${path}`)
  }
  const unreadable = await send(`${emulator.apiUrl}/v2/boards/%E0%A4%A`)
  t.match(unreadable.json, { status: 400, code: 'invalidParameters', type: 'error' })
  t.match(emulator.log.at(-1), { path: '/v2/boards/%E0%A4%A', status: 400 })
  const noType = await send(`${emulator.apiUrl}/v1/oauth/token`, {
    method: 'POST', headers: { 'content-type': 'nonsense' }, body: 'x'
  })
  t.match(noType.json, { status: 415, code: 'invalidParameters', type: 'error' })
})

t.test('boards: the viewLink leads to a page of the board', async (t) => {
  const emulator = await startEmulator(t, {
    seed: {
      users: [{ id: '1', name: 'A' }],
      teams: [{ id: '2', name: 'T', members: ['1'] }],
      boards: [{ id: 'b=', name: '<b>Plan', teamId: '2', ownerId: '1', items: [{ type: 'text', content: '<i>one' }] }]
    }
  })
  const { access_token: token } = await connect(emulator)
  const [board] = (await list(emulator, token)).data
  const page = await send(board?.viewLink ?? '')
  t.equal(page.status, 200)
  t.match(page.text, '&lt;i&gt;one')
  t.notMatch(page.text, /<b>Plan|<i>one/)
})

t.test('boards: the emulator is bounded, with 413 for the item, board or copy beyond', async (t) => {
  const full = { items: new Array<never>(10_000) }
  function statusOf (work: () => void): number | null {
    try {
      work()
      return null
    } catch (error) {
      return error instanceof MiroRefusal ? error.status : 0
    }
  }
  t.equal(statusOf(() => requireRoomForItems({ items: new Array<never>(9980) }, 20)), null)
  t.equal(statusOf(() => requireRoomForItems({ items: new Array<never>(9981) }, 20)), 413)
  t.equal(statusOf(() => requireRoomForBoard(Array.from({ length: 999 }, () => ({ items: [] })))), null)
  t.equal(statusOf(() => requireRoomForBoard(Array.from({ length: 1000 }, () => ({ items: [] })))), 413)
  t.equal(statusOf(() => requireRoomForBoard(Array.from({ length: 9 }, () => full), 10_000)), null)
  t.equal(statusOf(() => requireRoomForBoard(Array.from({ length: 10 }, () => full), 1)), 413)
  const stamp = { now: 0, userId: '1' }
  t.equal(statusOf(() => addItems(full as unknown as Board, [{} as BoardItem], stamp)), 413)
})

t.test('boards: the one beyond a thousand is refused with 413, and so is a copy', async (t) => {
  const users = [{ id: '1', name: 'Ada Lovelace' }]
  const boards = Array.from({ length: 1000 }, (_, index) => ({ id: `board-${index}=`, name: 'B', teamId: '2', ownerId: '1' }))
  const seed = { users, teams: [{ id: '2', name: 'Team', members: ['1'] }], boards }
  const emulator = await startEmulator(t, { seed })
  const { accessToken } = emulator.issueTokens(emulator.person(emulator.people[0]?.name ?? ''))
  t.equal((await callApi(emulator, '/v2/boards', accessToken, { method: 'POST' })).status, 413)
  t.equal((await callApi(emulator, '/v2/boards?copy_from=board-1%3D', accessToken, { method: 'PUT' })).status, 413)
})
