import t from 'tap'
import { collect, errorOf, json, standIn, type Answer } from './fixtures/stand-in.js'

/** A list by offset that runs a deed before each of its pages. */
function changing (boards: string[], deeds: Array<(boards: string[]) => void>, size = 2): Answer {
  let page = 0
  return ({ target }) => {
    deeds[page++]?.(boards)
    const offset = Number(new URL(target, 'https://x').searchParams.get('offset') ?? 0)
    const data = boards.slice(offset, offset + size).map((id) => ({ id, name: id }))
    return Response.json({ data, total: boards.length, size: data.length, offset, limit: size })
  }
}

const without = (id: string) => (boards: string[]): void => { boards.splice(boards.indexOf(id), 1) }
const nothing = (): void => {}

async function walk (answer: Answer): Promise<string[]> {
  return (await collect(standIn([answer]).client.boards.iterate({ limit: 2 }))).map(({ id }) => id)
}

t.test('pages: a board that vanishes between pages hides no other board', async (t) => {
  t.strictSame(await walk(changing(['1', '2', '3', '4', '5'], [nothing, without('1')])), ['1', '2', '3', '4', '5'])
  t.strictSame(await walk(changing(['1', '2', '3', '4', '5'], [nothing, without('2'), nothing, without('3')])), ['1', '2', '3', '4', '5'])
  t.strictSame(await walk(changing(['1', '2', '3'], [nothing, (boards) => boards.splice(0, 2)])), ['1', '2', '3'])
  t.strictSame(await walk(changing(['1', '2', '3', '4', '5'], [nothing, without('5')])), ['1', '2', '3', '4'])
})

t.test('pages: a board that appears between pages is not yielded twice, and moves no other out', async (t) => {
  t.strictSame(await walk(changing(['1', '2', '3', '4'], [nothing, (boards) => boards.unshift('new')])), ['1', '2', '3', '4'])
  t.strictSame(await walk(changing(['1', '2', '3'], [nothing, (boards) => boards.push('new')])), ['1', '2', '3', 'new'])
})

t.test('pages: a walk that began in the middle stays behind its beginning', async (t) => {
  const { client } = standIn([changing(['1', '2', '3', '4', '5'], [nothing, (boards) => boards.splice(0, 3)])])
  const items = await collect(client.paginate<{ id: string }>('/v2/boards', { query: { offset: 2, limit: 2 } }))
  t.strictSame(items.map(({ id }) => id), ['3', '4'])
})

t.test('pages: limit is the size of a page, and the signal is passed on', async (t) => {
  const { client, calls } = standIn([json({ data: [{ id: 'a' }], cursor: 'b' }), json({ data: [] })])
  await collect(client.paginate('/v2/boards/x/items', { query: { limit: 50 } }))
  t.strictSame(calls(), ['GET /v2/boards/x/items?limit=50', 'GET /v2/boards/x/items?limit=50&cursor=b'])
})

t.test('pages: a cursor that comes back ends the walk with an error that says so', async (t) => {
  const { client, sent } = standIn([json({ data: [{ id: 'a' }], cursor: 'a' }), json({ data: [{ id: 'b' }], cursor: 'b' }), json({ data: [{ id: 'a' }], cursor: 'a' })])
  t.match(await errorOf(collect(client.paginate('/v2/boards/x/items'))), { code: 'MIRO_BAD_RESPONSE', message: /the same cursor twice/ })
  t.equal(sent.length, 3)
})

t.test('pages: a list by cursor yields no item twice, and ends where its pages repeat for ever', async (t) => {
  const once = standIn([
    json({ data: [{ id: 'a' }, { id: 'b' }], cursor: '1' }), json({ data: [{ id: 'b' }, { id: 'c' }], cursor: '2' }),
    json({ data: [{ id: 'c' }, { id: 'd' }] })
  ])
  const items = await collect(once.client.paginate<{ id: string }>('/v2/boards/x/items'))
  t.strictSame(items.map(({ id }) => id), ['a', 'b', 'c', 'd'])
  let page = 0
  const endless = standIn([() => Response.json({ data: [{ id: 'a' }], cursor: String(page++) })])
  t.match(await errorOf(collect(endless.client.paginate('/v2/boards/x/items'))), { code: 'MIRO_BAD_RESPONSE' })
  t.equal(endless.sent.length, 101)
})

t.test('pages: a hundred pages in a row without an item end the walk with an error that says so', async (t) => {
  let page = 0
  const { client, sent } = standIn([() => Response.json({ data: page === 50 ? [{ id: 'a' }] : [], cursor: String(page++) })])
  t.match(await errorOf(collect(client.paginate('/v2/boards/x/items'))), { code: 'MIRO_BAD_RESPONSE', message: /a hundred pages in a row/ })
  t.equal(sent.length, 151)
  const empty = standIn([({ target }) => {
    const isLast = target.endsWith('cursor=98')
    return Response.json(isLast ? { data: [{ id: 'a' }] } : { data: [], cursor: String(empty.sent.length - 1) })
  }])
  t.equal((await collect(empty.client.paginate('/v2/boards/x/items'))).length, 1)
})

t.test('pages: the ids that a walk remembers are bounded', async (t) => {
  const boards = Array.from({ length: 3000 }, (_, index) => String(index))
  const { client } = standIn([changing(boards, [nothing, nothing, (all) => all.unshift('new')], 50)])
  const items = await collect(client.boards.iterate({ limit: 50 }))
  t.equal(items.length, 3000)
  t.equal(new Set(items.map(({ id }) => id)).size, 3000)
})
