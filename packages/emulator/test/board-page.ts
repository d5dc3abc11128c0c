import { createHmac } from 'node:crypto'
import t, { type Test } from 'tap'
import { callApi, connect, envelope, send, START, startEmulator } from './fixtures/visitor.js'
import type { Emulator, EmulatorSeed } from '../src/index.js'

const PANEL = 'http://127.0.0.1:3000/panel/?a=1'
const CALLBACK = 'http://localhost:3000/auth/miro/callback'
const BOARD = 'uXjVOD6LSME='
const OTHER_SITE = { 'sec-fetch-site': 'cross-site' }

function start (t: Test, app: NonNullable<EmulatorSeed['app']> = {}): Promise<Emulator> {
  return startEmulator(t, { seed: { app: { sdkUri: PANEL, ...app } } })
}

function open (emulator: Emulator, query = '') {
  return send(`${emulator.url}/app/board/${BOARD}${query}`)
}

/** What the page's script reads. */
function readSetup (page: string) {
  const [, setup = ''] = /data-setup="([^"]*)"/.exec(page) ?? []
  return JSON.parse(setup.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>').replaceAll('&amp;', '&'))
}

function askIdToken (emulator: Emulator, person: Record<string, string>, headers: Record<string, string> = {}) {
  return send(`${emulator.url}/emulator/id-token`, { method: 'POST', body: new URLSearchParams(person), headers })
}

function postNote (emulator: Emulator, note: object, headers: Record<string, string> = {}) {
  return send(`${emulator.url}/emulator/boards/${BOARD}/sticky-notes`, {
    method: 'POST', body: JSON.stringify(note), headers: { 'content-type': 'application/json', ...headers }
  })
}

t.test('board page: scripts are its own, frames are of the sdkUri’s origin, and it cannot be framed', async (t) => {
  const page = await open(await start(t))
  t.equal(page.status, 200)
  const policy = page.headers.get('content-security-policy') ?? ''
  t.match(policy, /default-src 'none'; style-src 'sha256-[^']+'; img-src 'self'; script-src 'self'; connect-src 'self'; /)
  t.match(policy, "; frame-src http://127.0.0.1:3000; base-uri 'none'; frame-ancestors 'none'; form-action 'self'")
  t.notMatch(policy, /unsafe/)
  t.same(page.text.match(/<script[^>]*>/g)?.length, 1)
  t.match(page.text, /<script type="module" src="\/emulator\/board\/main\.js" [^>]*><\/script>/)
})

t.test('board page: without an sdkUri it has no script and no frame', async (t) => {
  const page = await open(await startEmulator(t))
  t.notMatch(page.headers.get('content-security-policy'), /script-src|connect-src|frame-src/)
  t.notMatch(page.text, /<script|<select|Authorize through the SDK/)
  t.match(page.text, /First board/)
})

t.test('board page: the person at the board is the first member, or the one of the query', async (t) => {
  const emulator = await start(t)
  const first = await open(emulator)
  const people = Array.from(first.text.matchAll(/<option value="(\d+)"/g), ([, id]) => id)
  t.equal(people.length, 3)
  t.match(readSetup(first.text).person, { id: people[0], name: 'Ada Lovelace' })
  const second = await open(emulator, `?user=${people[1]}`)
  t.match(readSetup(second.text).person, { id: people[1], name: 'Grace Hopper' })
  t.match(second.text, `<option value="${people[1]}" selected>`)
  t.equal((await open(emulator, '?user=1')).status, 403)
  t.equal((await open(emulator, '?user=')).status, 403)
})

t.test('board page: the setup of its script has no secret, and markup in names is escaped', async (t) => {
  const name = '"><script>alert(1)</script>'
  const emulator = await start(t, { name, clientSecret: 'hush-hush' })
  const { text } = await open(emulator)
  t.notMatch(text, /hush-hush|<script>/)
  const origin = 'http://127.0.0.1:3000'
  t.same(readSetup(text).app, { name, sdkUri: PANEL, origin, scopes: ['boards:read', 'boards:write'] })
})

t.test('board page: with redirectUriForSdk it has a button that authorizes the person at the board', async (t) => {
  const emulator = await start(t, { redirectUriForSdk: CALLBACK })
  const { text } = await open(emulator)
  const { person, teamId } = readSetup(text)
  const [, link = ''] = /href="([^"]+)"[^>]*>Authorize through the SDK</.exec(text) ?? []
  const { pathname, searchParams } = new URL(link.replaceAll('&amp;', '&'), emulator.url)
  t.equal(pathname, '/app-install/')
  t.same(Object.fromEntries(searchParams), {
    response_type: 'code',
    client_id: emulator.app.clientId,
    redirect_uri: CALLBACK,
    team_id: teamId,
    emulator_user: person.id
  })
  t.notMatch((await open(await start(t))).text, 'Authorize through the SDK')
})

t.test('board page: its scripts and the SDK are JavaScript, and only the SDK is for other sites', async (t) => {
  const emulator = await start(t)
  const main = await send(`${emulator.url}/emulator/board/main.js`)
  const imports = Array.from(main.text.matchAll(/from '\.\/([\w-]+\.js)'/g), ([, name]) => `/emulator/board/${name}`)
  t.equal(imports.length, 5)
  for (const path of ['/emulator/board/main.js', ...imports, '/app/static/sdk/v2/miro.js']) {
    const { status, headers, text } = await send(emulator.url + path)
    t.same([status, headers.get('content-type')], [200, 'text/javascript; charset=utf-8'], path)
    const isSdk = path.endsWith('miro.js')
    t.equal(headers.get('cross-origin-resource-policy'), isSdk ? 'cross-origin' : null)
    t.notMatch(text, /\beval\b|new Function|innerHTML/)
  }
  t.equal((await send(`${emulator.url}/emulator/board/..%2fsdk%2fmiro.js`)).status, 404)
})

t.test('id token over HTTP: is signed for a member, and refused in Miro’s envelope for others', async (t) => {
  const emulator = await start(t)
  const { person, teamId } = readSetup((await open(emulator)).text)
  const { status, json, headers } = await askIdToken(emulator, { user_id: person.id, team_id: teamId })
  t.equal(status, 200)
  t.equal(headers.get('access-control-allow-origin'), null)
  const [header, payload, signature] = String(json['idToken']).split('.')
  const key = emulator.app.clientSecret
  t.equal(signature, createHmac('sha256', key).update(`${header}.${payload}`).digest('base64url'))
  t.match(JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()), { user: person.id, team: teamId })
  for (const wrong of [{ user_id: person.id, team_id: '1' }, { user_id: '1', team_id: teamId }, {}]) {
    const refused = await askIdToken(emulator, wrong)
    t.same(refused.json, envelope(403, 'forbiddenAccess', 'There is no such member of this team'))
  }
})

t.test('board data: a page of another site is refused', async (t) => {
  const emulator = await start(t)
  const { person, teamId } = readSetup((await open(emulator)).text)
  const answers = [
    await askIdToken(emulator, { user_id: person.id, team_id: teamId }, OTHER_SITE),
    await askIdToken(emulator, { user_id: person.id, team_id: teamId }, { 'sec-fetch-site': 'same-site' }),
    await send(`${emulator.url}/emulator/boards/${BOARD}`, { headers: OTHER_SITE }),
    await postNote(emulator, { userId: person.id }, OTHER_SITE)
  ]
  for (const { json } of answers) {
    t.same(json, envelope(403, 'forbiddenAccess', 'Only a page of the emulator may ask for this'))
  }
  const sameOrigin = { 'sec-fetch-site': 'same-origin' }
  t.equal((await askIdToken(emulator, { user_id: person.id, team_id: teamId }, sameOrigin)).status, 200)
})

t.test('board data: a sticky note is on the board, for the SDK, the REST API and the page, until reset', async (t) => {
  const emulator = await start(t)
  const { person } = readSetup((await open(emulator)).text)
  const created = await postNote(emulator, { content: 'From the panel', x: -1.5, y: 20, userId: person.id })
  t.equal(created.status, 201)
  const at = new Date(START).toISOString().replace('.000', '')
  t.match(created.json, {
    type: 'sticky_note', content: 'From the panel', x: -1.5, y: 20, createdBy: person.id, createdAt: at
  })
  const second = await postNote(emulator, { userId: person.id })
  t.match(second.json, { content: '', x: 0, y: 0 })
  t.not(second.json['id'], created.json['id'])
  const board = await send(`${emulator.url}/emulator/boards/${BOARD}`)
  t.match(board.json['info'], { id: BOARD, locale: 'en', updatedAt: at })
  t.same((board.json['items'] as object[]).at(-2), created.json)
  t.match((await open(emulator)).text, 'From the panel')
  const { access_token: token } = await connect(emulator)
  const listed = await callApi(emulator, `/v2/boards/${BOARD}/items?limit=50`, token)
  t.match((listed.json['data'] as object[]).at(-2), { id: created.json['id'], position: { x: -1.5, y: 20 } })
  emulator.reset()
  t.notMatch((await open(emulator)).text, 'From the panel')
})

t.test('board data: a wrong sticky note, board or author is refused in Miro’s envelope', async (t) => {
  const emulator = await start(t)
  const { person } = readSetup((await open(emulator)).text)
  const userId = person.id
  for (const note of [{ content: 5 }, { content: 'x'.repeat(6_001) }, { x: '5' }, { y: [] }]) {
    t.match((await postNote(emulator, { ...note, userId })).json, { status: 400, code: 'invalidParameters' })
  }
  t.match((await postNote(emulator, { content: 'x', userId: '1' })).json, { status: 403 })
  t.match((await postNote(emulator, { content: 'x' })).json, { status: 403 })
  t.equal((await send(`${emulator.url}/emulator/boards/none`)).status, 404)
  t.equal(((await send(`${emulator.url}/emulator/boards/${BOARD}`)).json['items'] as object[]).length, 13)
})

t.test('board page: shows items of every kind and connectors, as text that is never markup', async (t) => {
  const emulator = await start(t)
  const { accessToken } = emulator.issueTokens(emulator.person('Ada Lovelace'))
  const path = `/v2/boards/${encodeURIComponent(BOARD)}`
  const post = async (below: string, body: object) => (await callApi(emulator, path + below, accessToken, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body)
  })).json as { id: string }
  const markup = '<img src=x onerror=alert(1)>'
  const card = await post('/cards', { data: { title: `Card ${markup}` } })
  const embed = await post('/embeds', { data: { url: 'https://example.com/film' } })
  await post('/frames', { data: { title: 'A frame' } })
  await post('/images', { data: { url: 'https://example.com/a.png', title: 'An image' } })
  await post('/connectors', { startItem: { id: card.id }, endItem: { id: embed.id } })
  const tag = await post('/tags', { title: 'urgent' })
  await post(`/items/${card.id}?tag_id=${tag.id}`, {})
  const { text } = await open(emulator)
  t.notMatch(text, markup)
  for (const shown of ['Card &lt;img src=x onerror=alert(1)&gt; #urgent', 'https://example.com/film', 'A frame', 'An image', '→']) {
    t.match(text, shown)
  }
  for (const kind of ['card', 'embed', 'frame', 'image', 'connector']) t.match(text, `<span class="kind">${kind}</span>`)
  const { items, notes } = (await send(`${emulator.url}/emulator/boards/${BOARD}`)).json as any
  t.match(items.find(({ type }: { type: string }) => type === 'card'), {
    id: card.id, title: `Card ${markup}`, width: 320, rotation: 0, parentId: null, tagIds: [tag.id]
  })
  t.match(notes.at(-1), { type: 'connector', content: `Card ${markup} → https://example.com/film` })
})
