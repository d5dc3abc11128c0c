import { readFile } from 'node:fs/promises'
import { pressButton, revokeToken } from '@miro-oauth/example-shared/testing'
import t from 'tap'
import { adaInDesign, adaInHarbour, board, origin, startExample, type Example } from './fixtures/example.js'

const hour = 3_600_000
const itemsUrl = `/panel/items?board=${encodeURIComponent(board)}`
const connectUrl = `/auth/miro/connect?team_id=${adaInDesign.teamId}`

/** Whether Ada has a live token at Miro. */
function isLive ({ emulator }: Example): boolean {
  return emulator.ledger.live(adaInDesign, emulator.miroClock.now()).length > 0
}

t.test('identity: the server says who is at the board, without a grant', async (t) => {
  const { ask, open, emulator } = await startExample(t)
  const answer = await ask('/panel/me', await open(adaInDesign))
  t.equal(answer.statusCode, 200)
  t.same(answer.json(), adaInDesign)
  t.equal(emulator.log.length, 0)
  const refused = await ask('/panel/me')
  t.match(refused, { statusCode: 401, headers: { 'miro-id-token': 'retry' } })
  t.equal(refused.json().code, 'MIRO_ID_TOKEN_MISSING')
})

t.test('items: without a grant it answers where to connect, and with one lists the board', async (t) => {
  const { ask, open, openConnected } = await startExample(t)
  const refused = await ask(itemsUrl, await open(adaInDesign))
  t.match(refused, { statusCode: 401, headers: { 'miro-connect-url': connectUrl } })
  t.match(refused.json(), { code: 'MIRO_NOT_CONNECTED', connectUrl })
  const answer = await ask(itemsUrl, await openConnected(adaInDesign))
  t.equal(answer.statusCode, 200)
  const { items, hasMore } = answer.json()
  t.equal(items.length, 13)
  t.equal(hasMore, false)
  t.match(items[1], { id: /^\d+$/, type: 'sticky_note', content: 'First board' })
})

t.test('items: the board stays readable after the access token expired', async (t) => {
  const { ask, open, openConnected, emulator } = await startExample(t)
  await openConnected(adaInDesign)
  emulator.clock.advance(hour)
  t.equal((await ask(itemsUrl, await open(adaInDesign))).statusCode, 200)
})

t.test('items: the first fifty are listed, with the title of what has no content', async (t) => {
  const sketch = { id: board, name: 'Full', teamId: adaInDesign.teamId, ownerId: adaInDesign.userId }
  const items = Array.from({ length: 51 }, (_, index) => ({ type: 'text', content: `<p>${index}</p>` }))
  const { ask, openConnected } = await startExample(t, { emulate: { seed: { boards: [{ ...sketch, items }] } } })
  const answer = (await ask(itemsUrl, await openConnected(adaInDesign))).json()
  t.equal(answer.items.length, 50)
  t.equal(answer.hasMore, true)
  t.equal(answer.items[0].content, '<p>0</p>', 'HTML, which the panel does not insert as such')

  const data = [{ id: '1', type: 'frame', data: { title: 'Plan' } }, { id: '2', type: 'image', data: {} }, { id: '3', type: 'new' }]
  const other = await startExample(t, { miro: { fetch: async () => Response.json({ data }) } })
  const headers = await other.openConnected(adaInDesign)
  t.same((await other.ask(itemsUrl, headers)).json().items, [
    { id: '1', type: 'frame', content: 'Plan' },
    { id: '2', type: 'image', content: '' },
    { id: '3', type: 'new', content: '' }
  ])
})

t.test('items: Miro refuses the board of another team, and what is no board id is not asked for', async (t) => {
  const { ask, openConnected, emulator } = await startExample(t)
  const headers = await openConnected(adaInHarbour)
  const other = await ask(itemsUrl, headers)
  t.equal(other.statusCode, 404)
  t.same(Object.keys(other.json()), ['message', 'code'])
  const before = emulator.log.length
  for (const query of ['', '?board=', '?board=..', '?board=a%2F..%2Fb', '?board=a&board=b', `?board=${'a'.repeat(65)}`]) {
    t.match((await ask(`/panel/items${query}`, headers)).json(), { code: 'BAD_REQUEST' }, query)
  }
  t.equal(emulator.log.length, before)
})

t.test('items: after Miro ended the grant, the answer says where to connect again', async (t) => {
  const { app, ask, openConnected, emulator } = await startExample(t)
  const headers = await openConnected(adaInDesign)
  await revokeToken(emulator, await app.miro.client(adaInDesign).accessToken())
  for (const visit of ['the first', 'the next']) {
    const answer = await ask(itemsUrl, headers)
    t.match(answer, { statusCode: 401, headers: { 'miro-connect-url': connectUrl } }, visit)
    t.equal(answer.json().code, 'MIRO_REAUTHORIZE')
  }
  t.equal((await ask('/panel/me', headers)).statusCode, 200)
})

t.test('disconnect: the button ends the grant here and at Miro, also a second time', async (t) => {
  const example = await startExample(t)
  const { ask, openConnected } = example
  const headers = await openConnected(adaInDesign)
  t.ok(isLive(example))
  for (const press of ['the first', 'the second']) {
    t.equal((await ask('/panel/disconnect', headers, 'POST')).statusCode, 204, press)
    t.notOk(isLive(example))
    t.equal((await ask(itemsUrl, headers)).json().code, 'MIRO_NOT_CONNECTED')
  }
})

t.test('disconnect: a form of another site, which has no id token, ends nothing', async (t) => {
  const example = await startExample(t)
  await example.openConnected(adaInDesign)
  const answer = await example.ask('/panel/disconnect', { 'sec-fetch-site': 'cross-site' }, 'POST')
  t.equal(answer.statusCode, 401)
  t.ok(isLive(example))
})

t.test('connect: the window ends on a page that tells the panel, which has the grant then', async (t) => {
  const { ask, open, visitor } = await startExample(t)
  const callback = await pressButton(await visitor.goToMiro(connectUrl), { ref: adaInDesign })
  const done = await visitor.get(String((await visitor.get(callback)).location))
  t.match(done, { status: 200, body: 'Miro is connected' })
  t.equal((await ask(itemsUrl, await open(adaInDesign))).statusCode, 200)
})

t.test('connect: with onlyTeam the people of other teams are not admitted, and keep no token', async (t) => {
  const { ask, open, visitor, emulator } = await startExample(t, { onlyTeam: adaInDesign.teamId })
  for (const [ref, status] of [[adaInHarbour, 403], [adaInDesign, 200]] as const) {
    const callback = await pressButton(await visitor.goToMiro(`/auth/miro/connect?team_id=${ref.teamId}`), { ref })
    t.equal((await visitor.get(String((await visitor.get(callback)).location))).status, status)
  }
  t.equal(emulator.ledger.live(adaInHarbour, emulator.miroClock.now()).length, 0)
  t.equal((await ask(itemsUrl, await open(adaInDesign))).statusCode, 200)
})

t.test('install: one that the SDK starts gives the panel its grant, and ends on Miro\'s page', async (t) => {
  const { ask, open, visitor, emulator } = await startExample(t)
  const page = await (await fetch(`${emulator.url}/app/board/${board}`)).text()
  const [, link = ''] = /href="([^"]+)"[^>]*>Authorize through the SDK</.exec(page) ?? []
  const callback = await pressButton(emulator.url + link.replaceAll('&amp;', '&'), { ref: adaInDesign })
  t.ok(callback.startsWith(`${origin}/auth/miro/install?`))
  const answer = await visitor.get(callback)
  t.equal(answer.status, 303)
  t.ok(answer.location?.startsWith(emulator.url.replace('localhost', '127.0.0.1') + '/app-install-completed/?'))
  t.equal((await ask(itemsUrl, await open(adaInDesign))).statusCode, 200)
})

t.test('pages: Miro alone may frame the two that it loads, and their scripts are Miro\'s SDK and the app\'s', async (t) => {
  const standIn = await startExample(t)
  const real = await startExample(t, { miro: { endpoints: {} } })
  const at = standIn.emulator.url.replace('localhost', '127.0.0.1')
  for (const [{ visitor }, miro, frames] of [[standIn, at, at], [real, 'https://miro.com', 'https://miro.com https://*.miro.com']] as const) {
    for (const path of ['/board', '/panel']) {
      const { headers, body } = await visitor.get(path)
      const policy = String(headers['content-security-policy']).split(';').map((directive) => directive.trim())
      t.same(policy, [
        "default-src 'none'", "style-src 'self'", "img-src 'self'", `script-src 'self' ${miro}`, "connect-src 'self'",
        "form-action 'self'", "base-uri 'none'", `frame-ancestors ${frames}`
      ])
      t.equal(headers['x-frame-options'], undefined)
      t.same(Array.from(body.matchAll(/<script[^>]*>/g), ([tag]) => tag), [
        `<script src="${miro}/app/static/sdk/v2/miro.js">`, `<script type="module" src="${path}.js">`
      ])
      t.notMatch(body, /style=|onclick/i)
    }
  }
})

t.test('pages: all others refuse to be framed, and show no internals', async (t) => {
  const { visitor, ask } = await startExample(t)
  const home = await visitor.get('/')
  t.match(home, { status: 200, body: `${origin}/auth/miro/install` })
  const missing = await visitor.get('/<script>')
  t.match(missing, { status: 404, body: 'There is no such page.' })
  for (const { headers } of [home, missing]) {
    t.match(headers, { 'x-frame-options': 'DENY', 'content-security-policy': /frame-ancestors 'none'/, 'cache-control': 'no-store' })
  }
  t.same((await ask('/nowhere')).json(), { message: 'There is no such page.', code: 'NOT_FOUND' })
})

t.test('scripts: each module that one imports is served, and none makes markup of text', async (t) => {
  const { visitor } = await startExample(t)
  const left = ['/board.js', '/panel.js']
  const seen = new Set<string>()
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (seen.has(path)) continue
    seen.add(path)
    const { status, headers, body } = await visitor.get(path)
    t.match([status, headers['content-type']], [200, /^text\/javascript/], path)
    t.notMatch(body, /innerHTML|outerHTML|insertAdjacentHTML|\beval\b|document\.write/)
    left.push(...Array.from(body.matchAll(/from '([^']+)'/g), ([, name = '']) => new URL(name, origin + path).pathname))
  }
  t.ok(seen.has('/auth/miro/panel.js'))
})

t.test('sentences: each way in which connect() may fail has one, and an unknown code is shown', async (t) => {
  const { sentenceFor } = await import(new URL('../views/sentences.js', import.meta.url).href) as {
    sentenceFor: (error: { code?: string, message: string }) => string
  }
  const own = ['blocked', 'closed', 'other-team', 'other-user', 'MIRO_ACCESS_DENIED', 'MIRO_NOT_ADMITTED']
  const sentences = own.map((code) => sentenceFor({ code, message: code }))
  t.equal(new Set(sentences).size, own.length)
  for (const sentence of sentences) t.match(sentence, /^[A-Z][^_]+\.$/)
  t.equal(sentenceFor({ code: 'MIRO_NEW', message: 'MIRO_NEW' }), 'Connecting did not work (MIRO_NEW).')
  t.equal(sentenceFor({ code: 'MIRO_API', message: 'Miro refused this request.' }), 'That did not work: Miro refused this request.')
  t.equal(sentenceFor({ message: 'The SDK says no.' }), 'That did not work: The SDK says no.')
  const panel = await readFile(new URL('../views/panel.js', import.meta.url), 'utf8')
  t.match(panel, "import { sentenceFor } from './sentences.js'")
})
