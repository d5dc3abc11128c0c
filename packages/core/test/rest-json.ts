import t from 'tap'
import { ForeignOriginError, UnavailableError } from '../src/errors.js'
import { collect, empty, errorOf, json, standIn } from './fixtures/stand-in.js'

t.test('json: sends any method with a query and a body as JSON, and keeps ids exact', async (t) => {
  const { client, sent, calls } = standIn([() => new Response('{"id":3074457345618261500,"x":1}')])
  const answer = await client.json<{ id: string }>('/v2/boards/a/items', { method: 'patch', query: { a: 1, b: undefined, c: ['x', 'y'], d: true }, body: { position: { x: 1 } } })
  t.strictSame(answer, { id: '3074457345618261500', x: 1 })
  t.strictSame(calls(), ['PATCH /v2/boards/a/items?a=1&c=x&c=y&d=true'])
  t.equal(sent[0]?.headers.get('content-type'), 'application/json')
  t.equal(sent[0]?.headers.get('authorization'), 'Bearer token-1')
  t.equal(sent[0]?.body, '{"position":{"x":1}}')
})

t.test('json: a form is sent as it is, without a content type of ours', async (t) => {
  const { client, sent } = standIn([json({})])
  const body = new FormData()
  await client.json('/v2/boards/a/images', { method: 'POST', body })
  t.equal(sent[0]?.body, body)
  t.notOk(sent[0]?.headers.has('content-type'))
})

t.test('json: an answer without a body is undefined; any JSON is taken; what is no JSON is MIRO_BAD_RESPONSE', async (t) => {
  for (const status of [200, 202, 204]) t.equal(await standIn([empty(status)]).client.json('/v2/boards/a', { method: 'DELETE' }), undefined)
  for (const value of [[1], 'a', 5, null, true]) t.strictSame(await standIn([json(value)]).client.json('/v2/x'), value)
  t.match(await errorOf(standIn([() => new Response('<html>')]).client.json('/v2/x')), { code: 'MIRO_BAD_RESPONSE', miroStatus: 200 })
})

t.test('json: throws like the typed calls', async (t) => {
  const refused = standIn([json({ code: 'forbiddenAccess' }, { status: 403 })])
  t.match(await errorOf(refused.client.json('/v2/boards/a')), { code: 'MIRO_API', statusCode: 403, miroCode: 'forbiddenAccess' })
  const away = standIn([json({})])
  t.ok(await errorOf(away.client.json('//evil.com/v2')) instanceof ForeignOriginError)
  t.equal(away.sent.length, 0)
  const broken = standIn([() => { throw new TypeError('fetch failed') }])
  t.ok(await errorOf(broken.client.json('/v2/x', { method: 'POST' })) instanceof UnavailableError)
})

t.test('json: paginate yields what the caller says the items are', async (t) => {
  const { client } = standIn([json({ data: [{ id: 'a' }], cursor: 'c' }), json({ data: [{ id: 'b' }] })])
  const items: Array<{ id: string }> = await collect(client.paginate<{ id: string }>('/v2/boards/a/items'))
  t.strictSame(items.map(({ id }) => id), ['a', 'b'])
})

t.test('json: what cannot be sent as it stands is MIRO_CONFIG, and nothing is sent', async (t) => {
  const { client, sent } = standIn([json({})])
  const circle = { items: [] as unknown[] }
  circle.items.push(circle)
  const wrong: Array<[unknown, object?]> = [
    [undefined], [null], [5], [new URL('https://api.miro.com/v2/boards')],
    ...['GE T', '', 'TRACE', 'connect', 5, null].map((method): [string, object] => ['/v2/boards', { method }]),
    ...['GET', 'head', undefined].map((method): [string, object] => ['/v2/boards', { method, body: {} }]),
    ...[null, NaN, {}, [null], Symbol('x')].map((limit): [string, object] => ['/v2/boards', { query: { limit } }]),
    ...[new Blob(['x']), new URLSearchParams('a=b'), Buffer.from('x'), new ArrayBuffer(1), new Blob(['x']).stream(), () => {}, { id: 1n }, circle]
      .map((body): [string, object] => ['/v2/boards', { method: 'POST', body }])
  ]
  for (const [path, options] of wrong) t.match(await errorOf(client.json(path as string, options)), { code: 'MIRO_CONFIG' })
  t.equal(sent.length, 0)
  for (const body of [null, [], 'text', 0]) await client.json('/v2/boards', { method: 'POST', body })
  t.strictSame(sent.map(({ body }) => body), ['null', '[]', '"text"', '0'])
})

t.test('typed calls: one without a result has succeeded whatever its answer says', async (t) => {
  const { client } = standIn([() => new Response('OK')])
  await client.board('b').delete()
  await client.board('b').tags.detach('1', '2')
  t.match(await errorOf(client.board('b').get()), { code: 'MIRO_BAD_RESPONSE' })
})
