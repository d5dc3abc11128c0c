import t from 'tap'
import { fieldsOf, openBoard } from './fixtures/board.js'
import { send } from './fixtures/visitor.js'
import { Uploads } from '../src/uploads/uploads.js'

const BYTES = new Uint8Array([137, 80, 78, 71, 0, 255, 10, 13])

function toForm ({ bytes = BYTES, data, type = 'image/png' }: { bytes?: Uint8Array, data?: string | Blob, type?: string } = {}) {
  const form = new FormData()
  if (data !== undefined) form.append('data', data)
  form.append('resource', new Blob([bytes], { type }), 'a.png')
  return form
}

t.test('uploads: the two steps give the bytes back, the second at another origin and without a token', async (t) => {
  const { call, emulator, token } = await openBoard(t)
  const created = await call('POST', '/images', toForm({ data: JSON.stringify({ title: 'Up', position: { x: 4, y: 5 } }) }))
  t.equal(created.status, 201)
  t.match(created.json, { type: 'image', data: { title: 'Up' }, position: { x: 4, y: 5 } })
  const { imageUrl } = created.json.data
  t.equal((await send(imageUrl)).status, 401)
  const headers = { authorization: `Bearer ${token}` }
  const { json } = await send(imageUrl.replace('format=preview', 'format=original'), { headers })
  const address = new URL(String(json['url']))
  t.not(address.origin, new URL(emulator.apiUrl).origin)
  const file = await fetch(address)
  t.same([file.status, file.headers.get('content-type')], [200, 'image/png'])
  t.same(new Uint8Array(await file.arrayBuffer()), BYTES)
  t.match(file.headers.get('content-security-policy'), 'sandbox')
  t.equal(file.headers.get('content-disposition'), 'attachment')
  const withToken = await send(address.href, { headers })
  t.match(withToken.json, { status: 400, code: 'invalidParameters' })
  t.equal((await send(`${emulator.url}/files/none`)).status, 404)
})

t.test('uploads: without redirect=false the resource redirects to the address', async (t) => {
  const { call, token } = await openBoard(t)
  const { json } = await call('POST', '/documents', toForm({ type: 'application/pdf' }))
  const resource = json.data.documentUrl
  const answer = await send(resource.replace('?redirect=false', ''), { headers: { authorization: `Bearer ${token}` } })
  t.equal(answer.status, 307)
  t.match(answer.headers.get('location'), /\/files\/[\w-]{24}$/)
  t.equal((await send(`${resource}&format=huge`, { headers: { authorization: `Bearer ${token}` } })).status, 400)
})

t.test('uploads: an image by URL is not fetched, and its file is a placeholder', async (t) => {
  const { create, token } = await openBoard(t)
  const { data } = await create('images', { data: { url: 'https://example.com/a.png' } })
  const { json } = await send(data.imageUrl, { headers: { authorization: `Bearer ${token}` } })
  const file = await fetch(String(json['url']))
  t.same([file.status, file.headers.get('content-type')], [200, 'image/png'])
})

t.test('uploads: a change with a file replaces the file, and keeps what its data leaves out', async (t) => {
  const { call } = await openBoard(t)
  const created = (await call('POST', '/images', toForm({ data: new Blob(['{"title":"Up"}'], { type: 'application/json' }) }))).json
  t.equal(created.data.title, 'Up')
  const nested = await call('POST', '/images', toForm({ data: '{"data":{"title":"Up"}}' }))
  t.notOk('title' in nested.json.data, 'the title is beside the position')
  const changed = await call('PATCH', `/images/${created.id}`, toForm({ bytes: new Uint8Array([1]) }))
  t.equal(changed.status, 200)
  t.equal(changed.json.data.title, 'Up')
  t.not(changed.json.data.imageUrl, created.data.imageUrl)
  const named = await call('PATCH', `/images/${created.id}`, { data: { url: 'https://example.com/b.png' } })
  t.not(named.json.data.imageUrl, changed.json.data.imageUrl)
  const kept = await call('PATCH', `/images/${created.id}`, { data: { title: 'Again' } })
  t.equal(kept.json.data.imageUrl, named.json.data.imageUrl)
})

t.test('uploads: a file of more than 6 MB gets 413, and so does a body beyond all files', async (t) => {
  const { call } = await openBoard(t)
  const megabytes = (count: number) => toForm({ bytes: new Uint8Array(count * 1024 * 1024 + 1) })
  t.match((await call('POST', '/images', megabytes(6))).json, { status: 413, code: 'payloadTooLarge', type: 'error' })
  t.equal((await call('POST', '/images', toForm({ bytes: new Uint8Array(6 * 1024 * 1024) }))).status, 201)
  t.equal((await call('POST', '/texts', { data: { content: 'x'.repeat(300_000) } })).status, 413)
  t.equal((await call('GET', '/items')).json.total, 1)
})

t.test('uploads: a missing file, broken data and a broken form are refused', async (t) => {
  const { call, emulator, path, token } = await openBoard(t)
  const none = new FormData()
  none.append('resource', 'no file')
  t.same(fieldsOf(await call('POST', '/images', none)), ['resource'])
  for (const data of ['{', '[]', '5']) t.equal((await call('POST', '/images', toForm({ data }))).status, 400, data)
  t.same(fieldsOf(await call('POST', '/images', toForm({ data: '{"position":{"x":"1"}}' }))), ['position.x'])
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'multipart/form-data; boundary=x' }
  const broken = await send(`${emulator.apiUrl}${path}/images`, { method: 'POST', headers, body: 'nonsense' })
  t.match(broken.json, { status: 400, code: 'invalidParameters' })
  t.equal((await call('POST', '/texts', toForm())).status, 400, 'a kind without files')
  t.equal((await call('GET', '/items')).json.total, 0)
})

t.test('uploads: items in bulk have one file each, in their order', async (t) => {
  const { call, token } = await openBoard(t)
  const toBulk = (data: unknown, files: string[]) => {
    const form = new FormData()
    form.append('data', new Blob([JSON.stringify(data)]))
    for (const file of files) form.append('resources', new Blob([file]), 'file')
    return form
  }
  const items = [{ type: 'image', data: { title: 'one' } }, { type: 'document' }]
  const { status, json } = await call('POST', '/items/bulk', toBulk(items, ['first', 'second']))
  t.equal(status, 201)
  t.match(json.data, [{ type: 'image', data: { title: 'one' } }, { type: 'document' }])
  const { json: resource } = await send(json.data[1].data.documentUrl, { headers: { authorization: `Bearer ${token}` } })
  t.equal((await send(String(resource['url']))).text, 'second')
  t.equal((await call('POST', '/items/bulk', toBulk(items, ['first']))).status, 400)
  t.same(fieldsOf(await call('POST', '/items/bulk', toBulk([{ type: 'text' }], ['x']))), ['[0].type'])
  t.equal((await call('GET', '/items')).json.total, 2)
})

t.test('uploads: the file of a deleted item has no address any more', async (t) => {
  const { call, token } = await openBoard(t)
  const { json } = await call('POST', '/images', toForm())
  await call('DELETE', `/images/${json.id}`)
  t.equal((await send(json.data.imageUrl, { headers: { authorization: `Bearer ${token}` } })).status, 404)
})

t.test('uploads: beyond 200 files or 64 MiB the oldest are dropped', async (t) => {
  const uploads = new Uploads()
  const add = (id: string, size: number) => uploads.add(id, { name: 'a', mediaType: '', bytes: new Uint8Array(size) })
  for (let n = 0; n <= 200; n++) add(String(n), 1)
  t.equal(uploads.find('0'), undefined)
  t.ok(uploads.find('1'))
  add('large', 64 * 1024 * 1024)
  t.equal(uploads.find('200'), undefined)
  t.ok(uploads.find('large'))
})
