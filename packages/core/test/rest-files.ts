import t from 'tap'
import { collect, errorOf, json, standIn, type Sent } from './fixtures/stand-in.js'

const image = { id: '1', type: 'image', data: { imageUrl: 'https://api.miro.com/v2/boards/b/resources/images/9?format=preview&redirect=false' } }

async function partsOf (sent: Sent | undefined): Promise<Record<string, Array<[string, string, string]>>> {
  const parts: Record<string, Array<[string, string, string]>> = {}
  const form = sent?.body as FormData
  for (const [name, value] of form) {
    if (typeof value === 'string') throw new Error('a field without a file')
    parts[name] = [...parts[name] ?? [], [value.name, value.type, await value.text()]]
  }
  return parts
}

async function * chunks (): AsyncGenerator<Uint8Array> {
  yield Buffer.from('a b')
  yield Buffer.from('ytes')
}

t.test('uploads: a Blob, a File, bytes and streams become the parts resource and data', async (t) => {
  const bytes = new Uint8Array(Buffer.from('xa bytesx')).subarray(1, 8)
  const files = [new Blob(['a bytes']), bytes, new Uint8Array(bytes).buffer, new Blob(['a bytes']).stream(), chunks()]
  for (const file of files) {
    const { client, sent, calls } = standIn([json(image)])
    await client.board('b').images.upload(file, { filename: 'a.png', title: 'A', position: { x: 1 }, parent: { id: '2' } })
    t.strictSame(calls(), ['POST /v2/boards/b/images'])
    t.strictSame(await partsOf(sent[0]), {
      resource: [['a.png', '', 'a bytes']],
      data: [['data.json', 'application/json', '{"title":"A","position":{"x":1},"parent":{"id":"2"}}']]
    })
    t.notOk(sent[0]?.headers.has('content-type'), 'the platform adds it, with the boundary')
  }
  const { client, sent, calls } = standIn([json(image)])
  const { documents, images } = client.board('b')
  await documents.upload(new File(['x'], 'a.pdf', { type: 'application/pdf' }))
  await documents.replace('7', new Blob(['x']))
  await images.replace('7', new Blob(['x']))
  t.strictSame(calls(), ['POST /v2/boards/b/documents', 'PATCH /v2/boards/b/documents/7', 'PATCH /v2/boards/b/images/7'])
  t.strictSame(await partsOf(sent[0]), { resource: [['a.pdf', 'application/pdf', 'x']], data: [['data.json', 'application/json', '{}']] })
})

t.test('uploads: many files become one bulk', async (t) => {
  const { client, sent, calls } = standIn([json({ data: [image] })])
  const files = ['a', 'b'].map((title) => ({ file: new Blob([title]), filename: `${title}.png`, item: { type: 'image' as const, data: { title } } }))
  t.equal((await client.board('b').items.createBulkFromFiles(files)).length, 1)
  t.strictSame(calls(), ['POST /v2/boards/b/items/bulk'])
  t.strictSame(await partsOf(sent[0]), {
    resources: [['a.png', '', 'a'], ['b.png', '', 'b']],
    data: [['data.json', 'application/json', '[{"type":"image","data":{"title":"a"}},{"type":"image","data":{"title":"b"}}]']]
  })
})

t.test('uploads: what is no file, and a stream without end, are MIRO_CONFIG before anything is sent', async (t) => {
  const { client, sent } = standIn([json(image)])
  const { upload } = client.board('b').images
  for (const wrong of ['path', 5, null, undefined, {}]) t.match(await errorOf(upload(wrong as never)), { code: 'MIRO_CONFIG' })
  const endless = (async function * () { for (;;) yield Buffer.alloc(2 ** 20) })()
  t.match(await errorOf(upload(endless)), { code: 'MIRO_CONFIG' })
  t.strictSame(await collect(endless), [], 'the stream was ended')
  t.equal(sent.length, 0)
})

t.test('uploads: a stream that gives texts is MIRO_CONFIG, and nothing is sent', async (t) => {
  const { client, sent } = standIn([json(image)])
  const { upload } = client.board('b').images
  for (const chunk of ['text', [1, 2], null, 5]) {
    const stream = (async function * () { yield chunk as unknown as Uint8Array })()
    t.match(await errorOf(upload(stream)), { code: 'MIRO_CONFIG', message: /bytes/ })
  }
  t.equal(sent.length, 0)
})

t.test('uploads: bytes are taken from any view, also of shared memory', async (t) => {
  const { client, sent } = standIn([json(image)])
  const { upload } = client.board('b').images
  const shared = new Uint8Array(new SharedArrayBuffer(3))
  shared.set([97, 98, 99])
  for (const view of [shared, Buffer.from('abc'), new DataView(Uint8Array.of(0, 97, 98, 99).buffer, 1)]) {
    await upload(view)
    t.strictSame((await partsOf(sent.at(-1)))['resource'], [['file', '', 'abc']])
  }
})

t.test('uploads: a stream that hangs ends with the signal or after the time of a call, and is ended', async (t) => {
  const { client, sent } = standIn([json(image)], { limits: { callMs: 50 } })
  const { images, items } = client.board('b')
  let returned = 0
  const hanging = (): AsyncIterable<Uint8Array> => ({
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: async () => { returned++; return { done: true, value: undefined } }
    })
  })
  const reason = new Error('left')
  const controller = new AbortController()
  const calls = [images.upload, (file: AsyncIterable<Uint8Array>) => images.replace('7', file)]
    .map((call) => errorOf(call(hanging())))
  const bulk = [{ file: hanging(), item: { type: 'image' } }]
  const left = [
    errorOf(images.upload(hanging(), {}, { signal: controller.signal })),
    errorOf(items.createBulkFromFiles(bulk, { signal: controller.signal }))
  ]
  controller.abort(reason)
  t.strictSame(await Promise.all(left), [reason, reason])
  t.match(await Promise.all(calls), [{ code: 'MIRO_UNAVAILABLE' }, { code: 'MIRO_UNAVAILABLE' }])
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(returned, 4)
  t.equal(await errorOf(images.upload(hanging(), {}, { signal: AbortSignal.abort(reason) })), reason)
  t.equal(sent.length, 0)
})

t.test('downloads: the resource with the token, then the file without it', async (t) => {
  const { client, sent } = standIn([json(image), json({ url: 'https://files.example/x?sig=1', type: 'image' }), () => new Response('bytes', { headers: { 'content-type': 'image/png' } })])
  const { bytes, contentType } = await client.board('b').images.download('1', { format: 'original' })
  t.equal(Buffer.from(bytes).toString(), 'bytes')
  t.equal(contentType, 'image/png')
  t.strictSame(sent.map(({ url }) => url), ['https://api.miro.com/v2/boards/b/images/1', 'https://api.miro.com/v2/boards/b/resources/images/9?format=original&redirect=false', 'https://files.example/x?sig=1'])
  t.strictSame(sent.map(({ headers }) => headers.has('authorization')), [true, true, false])
})

t.test('downloads: documents go the same way, without a format', async (t) => {
  const document = { id: '1', data: { documentUrl: 'https://api.miro.com/v2/boards/b/resources/documents/9' } }
  const { client, calls } = standIn([json(document), json({ url: 'https://files.example/x' }), () => new Response('pdf')])
  t.equal(Buffer.from((await client.board('b').documents.download('1')).bytes).toString(), 'pdf')
  t.equal(calls()[1], 'GET /v2/boards/b/resources/documents/9?redirect=false')
})

t.test('downloads: an address that is not https, or has a user in it, is refused', async (t) => {
  for (const url of ['http://files.example/x', 'ftp://files.example', 'file:///etc/passwd', 'data:text/plain,x', 'https://a:b@files.example/', '/relative', '', null, 5]) {
    const { client, sent } = standIn([json(image), json({ url })])
    t.match(await errorOf(client.board('b').images.download('1')), { code: 'MIRO_BAD_RESPONSE' }, String(url))
    t.equal(sent.length, 2)
  }
  for (const imageUrl of ['https://evil.example/v2', 'https://api.miro.com//evil/x', 'x', undefined, 5]) {
    const { client, sent } = standIn([json({ id: '1', data: { imageUrl } })])
    t.match(await errorOf(client.board('b').images.download('1')), { code: 'MIRO_BAD_RESPONSE' })
    t.equal(sent.length, 1)
  }
})

t.test('downloads: a maxBytes that is no number of bytes is MIRO_CONFIG', async (t) => {
  for (const maxBytes of [NaN, '1 MB', 0, -1, Infinity, null] as number[]) {
    const { client } = standIn([json(image), json({ url: 'https://files.example/x' }), () => new Response('x')])
    t.match(await errorOf(client.board('b').images.download('1', { maxBytes })), { code: 'MIRO_CONFIG' })
  }
})

t.test('downloads: a file is bounded, and its failures are typed and quote no address', async (t) => {
  const first = [json(image), json({ url: 'https://files.example/secret' })]
  const long = standIn([...first, () => new Response('x'.repeat(11))])
  t.match(await errorOf(long.client.board('b').images.download('1', { maxBytes: 10 })), { code: 'MIRO_BAD_RESPONSE', message: /longer/ })
  const gone = standIn([...first, () => new Response('', { status: 403 })])
  t.match(await errorOf(gone.client.board('b').images.download('1')), { code: 'MIRO_API', miroStatus: 403, message: 'Miro\'s API answered 403 to GET the file.' })
  const silent = standIn([...first, () => new Promise(() => {})], { limits: { callMs: 50 } })
  t.match(await errorOf(silent.client.board('b').images.download('1')), { code: 'MIRO_UNAVAILABLE' })
  const broken = standIn([...first, () => { throw new TypeError('fetch failed') }])
  t.match(await errorOf(broken.client.board('b').images.download('1')), { code: 'MIRO_UNAVAILABLE' })
})
