import { inspect } from 'node:util'
import t from 'tap'
import { ApiError, ConfigError, MiroError, NotConnectedError } from '../src/errors.js'
import { isMiroError, type MiroOAuthError } from '../src/miro-oauth-error.js'
import { errorOf, json, standIn } from './fixtures/stand-in.js'

const token = 'eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_PIBKmE9rzQuL3bUeAvUEGFEhLkx'

async function apiError (body: unknown, { status = 400, path = '/v2/boards/uXjVOD6LSME=/sticky_notes', headers = {} }: {
  status?: number
  path?: string
  headers?: Record<string, string>
} = {}): Promise<ApiError> {
  const { client } = standIn([json(body, { status, headers })])
  const error = await errorOf(client.json(path, { method: 'POST', body: { data: { content: 'secret words' } } }))
  if (!(error instanceof ApiError)) throw error
  return error
}

t.test('ApiError: says method, path without ids, status, code and fields', async (t) => {
  const error = await apiError({ status: 400, code: 'invalidParameters', message: 'secret words', context: { fields: [{ field: 'data.content', message: 'secret words' }, { field: 'style.fillColor' }] }, type: 'error' }, { headers: { 'x-request-id': '0f8b6f1e-aaaa-4bbb-8ccc-123456789012' } })
  t.equal(error.message, 'Miro\'s API answered 400 (invalidParameters) to POST /v2/boards/{id}/sticky_notes: data.content, style.fillColor')
  t.match(error, {
    statusCode: 502,
    miroStatus: 400,
    miroCode: 'invalidParameters',
    method: 'POST',
    template: '/v2/boards/{id}/sticky_notes',
    fields: ['data.content', 'style.fillColor'],
    requestId: '0f8b6f1e-aaaa-4bbb-8ccc-123456789012'
  })
})

t.test('ApiError: of a typed call the template has Miro\'s names', async (t) => {
  const { client } = standIn([json({ code: 'notFound' }, { status: 404 })])
  t.equal((await errorOf(client.boards.get('uXjVOD6LSME=')) as Error).message, 'Miro\'s API answered 404 (notFound) to GET /v2/boards/{board_id}.')
  t.match(await errorOf(client.boards.get('..')), { miroStatus: 404, template: '/v2/boards/{board_id}' })
})

t.test('ApiError: Miro\'s own words are its details, and in no log', async (t) => {
  const context = { fields: [{ field: 'data.content', message: 'secret words' }] }
  const error = await apiError({ code: 'invalidParameters', message: 'secret words', context })
  t.strictSame(error.details, { message: 'secret words', context })
  const shown = [inspect(error, { depth: Infinity, showHidden: true }), JSON.stringify(error), String(error)]
  t.notMatch(shown.join(), /secret/)
  t.notOk('details' in JSON.parse(JSON.stringify(error)) || Object.keys(error).includes('details'))
  const enumerable = []
  for (const key in error) enumerable.push(key)
  t.notOk(enumerable.includes('details'), 'pino writes what for…in finds')
  t.equal((await apiError('text')).details, null)
})

t.test('ApiError: a path shows no id, whatever an id looks like', async (t) => {
  const paths: Array<[string, string]> = [
    ['/v2/boards/abc/items/123?x=secret', '/v2/boards/{id}/items/{id}'], [`/v2/orgs/1/teams/${token}`, '/v2/orgs/{id}/teams/{id}'],
    ['https://api.miro.com/v2/boards/a%2Fb', '/v2/boards/{id}'], ['/secret', '/{id}'], ['v2/boards/x', '/v2/boards/{id}'], ['/v2-experimental/apps/9/metrics', '/v2-experimental/apps/{id}/metrics']
  ]
  for (const [path, template] of paths) t.equal((await apiError({}, { path })).template, template, path)
})

t.test('ApiError: names of fields, and request ids, are plain words or are not shown', async (t) => {
  const names = ['data.content', 'fields[0].value', 'items.2.type', '[12].data.content', '[a].b', '[1]', token, 'a b', '<b>', '', 5, null, 'a1b2', 'x'.repeat(50), '../x']
  const error = await apiError({ context: { fields: [...names.map((field) => ({ field })), 'text', null] } })
  t.strictSame(error.fields, ['data.content', 'fields[0].value', 'items.2.type', '[12].data.content'])
  t.equal((await apiError({ context: { fields: Array.from({ length: 50 }, () => ({ field: 'data' })) } })).fields.length, 10)
  for (const context of [null, 'x', [], {}, { fields: {} }, { fields: null }]) t.strictSame((await apiError({ context })).fields, [])
  for (const id of [token, 'a b', '12']) t.equal((await apiError({}, { headers: { 'x-request-id': id } })).requestId, null)
})

t.test('isMiroError: narrows to a union by the literal code', async (t) => {
  const error: unknown = new NotConnectedError()
  if (!isMiroError(error)) throw error
  const union: MiroOAuthError = error
  // @ts-expect-error no error has this code
  t.notOk(union.code === 'MIRO_NOT_CONECTED')
  if (union.code === 'MIRO_API') t.ok(union.miroStatus)
  if (union.code === 'MIRO_REAUTHORIZE') t.ok(union.reason)
  t.equal(union.code, 'MIRO_NOT_CONNECTED')
  class Other extends MiroError {
    readonly code = 'OTHER'
    readonly statusCode = 500
  }
  for (const value of [null, 'x', new Error('x'), { code: 'MIRO_API' }, new Other('x')]) t.notOk(isMiroError(value))
  t.ok(isMiroError(new ConfigError('x')))
})

t.test('errors: of what a stand-in for fetch throws, neither the request nor the token in it is kept', async (t) => {
  const secret = 'Bearer token-1'
  const thrown: unknown[] = [
    Object.assign(new Error('Network Error'), { code: 'ERR_NETWORK', config: { headers: { authorization: secret } }, request: {} }),
    new Error('outer', { cause: Object.assign(new TypeError('inner'), { request: { headers: secret } }) }),
    { message: 'Network Error', code: 'ERR_NETWORK', request: secret },
    new AggregateError([Object.assign(new Error('x'), { request: secret })], 'all failed')
  ]
  for (const error of thrown) {
    const { client } = standIn([() => { throw error }])
    for (const call of [client.json('/v2/x', { method: 'POST' }), client.fetch('/v2/x')]) {
      const shown = inspect(await errorOf(call), { depth: 10, showHidden: true })
      t.notMatch(shown, /token-1/)
      t.match(shown, /Network Error|inner|all failed/)
    }
  }
  const { client } = standIn([() => { throw Object.assign(new Error('x'), { code: 'ECONNRESET', errno: -104, syscall: 'read' }) }])
  t.match(await errorOf(client.json('/v2/x', { method: 'POST' })), { cause: { code: 'ECONNRESET', errno: -104, syscall: 'read' } })
})

t.test('errors: an answer that is too long names the option', async (t) => {
  const { client } = standIn([json('x'.repeat(100))], { limits: { responseBytes: 10 } })
  t.match(await errorOf(client.json('/v2/x')), { code: 'MIRO_BAD_RESPONSE', message: /api\.responseBytes/ })
})
