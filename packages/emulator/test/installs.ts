import t, { type Test } from 'tap'
import {
  approve, authorizeUrl, callApi, exchange, memberships, requestTokens, send, startEmulator
} from './fixtures/visitor.js'
import type { Emulator } from '../src/index.js'

const [CALLBACK, FOR_SDK] = ['http://localhost:3000/auth/miro/callback', 'http://localhost:3000/auth/miro/install']

function start (t: Test, redirectUriForSdk?: string): Promise<Emulator> {
  return startEmulator(t, { seed: { app: { redirectUris: [CALLBACK, FOR_SDK], redirectUriForSdk } } })
}

/** The targets of the buttons on the home page, one for each person in each team. */
async function marketplaceLinks (emulator: Emulator): Promise<string[]> {
  const links = (await send(emulator.url)).text.matchAll(/href="([^"]+)">Install from the Marketplace</g)
  return Array.from(links, ([, link = '']) => emulator.url + link.replaceAll('&amp;', '&'))
}

t.test('install from the Marketplace: leads through the install page, where the person and team are preselected', async (t) => {
  const emulator = await start(t)
  const values = await memberships(emulator)
  const links = await marketplaceLinks(emulator)
  t.equal(links.length, values.length)
  for (const [index, link] of links.entries()) {
    t.equal(new URL(link).pathname, '/app-install/')
    const page = await send(link)
    t.match(page.text, 'Install &amp; authorize')
    t.equal(/value="([^"]+)" required checked/.exec(page.text)?.[1], values[index])
  }
})

t.test('install from the Marketplace: the callback has code, client_id and team_id, and no state', async (t) => {
  const emulator = await start(t, FOR_SDK)
  const [, link = ''] = await marketplaceLinks(emulator)
  const callback = await approve(emulator, { url: link, index: 1 })
  t.equal(callback.origin + callback.pathname, FOR_SDK)
  t.same([...callback.searchParams.keys()], ['code', 'client_id', 'team_id'])
  const code = callback.searchParams.get('code') ?? ''
  const { json } = await exchange(emulator, code, { redirect_uri: FOR_SDK })
  t.equal(`${json['user_id']}/${json['team_id']}`, (await memberships(emulator))[1])
  t.equal((await callApi(emulator, '/v2/boards', String(json['access_token']))).status, 200)
})

t.test('install from the Marketplace: without redirectUriForSdk it calls the first redirect URI back', async (t) => {
  const emulator = await start(t)
  const [link = ''] = await marketplaceLinks(emulator)
  const callback = await approve(emulator, { url: link })
  t.equal(callback.origin + callback.pathname, CALLBACK)
  const form = { grant_type: 'authorization_code', code: callback.searchParams.get('code') ?? '' }
  t.equal((await requestTokens(emulator, { ...form, redirect_uri: FOR_SDK })).status, 401, 'the code is bound to it')
})

t.test('install page: refuses what the authorize page refuses, and faults for the authorize page apply to it', async (t) => {
  const emulator = await start(t)
  const atInstall = (changes: Record<string, string | undefined>) =>
    authorizeUrl(emulator, changes).replace('/oauth/authorize', '/app-install/')
  t.equal((await send(atInstall({}))).status, 200)
  t.equal((await send(atInstall({ redirect_uri: 'http://evil.example/' }))).status, 400)
  t.equal((await send(atInstall({ client_id: '1' }))).status, 400)
  emulator.faults.add({ on: 'authorize', do: 'answer', status: 503 })
  t.equal((await send(atInstall({}))).status, 503)
})

t.test('install completed: is a fixed page for a known app and team', async (t) => {
  const emulator = await start(t)
  const [first = ''] = await memberships(emulator)
  const completed = (clientId: string, teamId: string) =>
    send(`${emulator.url}/app-install-completed/?client_id=${clientId}&team_id=${teamId}`)
  const page = await completed(emulator.app.clientId, first.split('/')[1] ?? '')
  t.equal(page.status, 200)
  t.match(page.text, /Example app<\/bdi> is installed.*Acme Design/s)
  t.match(page.headers.get('content-security-policy'), "frame-ancestors 'none'")
  t.equal((await completed('1', first.split('/')[1] ?? '')).status, 400)
  t.equal((await completed(emulator.app.clientId, '1')).status, 400)
  t.equal((await send(`${emulator.url}/app-install-completed/`)).status, 400)
})

t.test('authorize page: authorizeOpener decides whether it cuts the window that opened it', async (t) => {
  const emulator = await start(t)
  const policies = async () => {
    const [install = ''] = await marketplaceLinks(emulator)
    const pages = [authorizeUrl(emulator), authorizeUrl(emulator, { client_id: '1' }), install]
    return Promise.all(pages.map(async (url) => (await send(url)).headers.get('cross-origin-opener-policy')))
  }
  t.same(await policies(), [null, null, null])
  emulator.set({ authorizeOpener: 'cut' })
  t.same(await policies(), ['same-origin', 'same-origin', 'same-origin'])
  t.equal((await send(emulator.url)).headers.get('cross-origin-opener-policy'), null)
  emulator.reset()
  t.same(await policies(), [null, null, null])
})

t.test('authorize page: no page of its kind can be framed', async (t) => {
  const emulator = await start(t)
  const [install = ''] = await marketplaceLinks(emulator)
  const again = { method: 'POST', body: new URLSearchParams({ decision: 'authorize' }) }
  const pages = [[authorizeUrl(emulator), {}], [install, {}], [install, again], [emulator.authorizeUrl, {}]] as const
  for (const [url, init] of pages) {
    t.match((await send(url, init)).headers.get('content-security-policy'), "frame-ancestors 'none'")
  }
})
