import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { ApiFetch } from '../src/index.js'
import { Evidence } from './fixtures/evidence.js'
import { createPlantedWorld } from './fixtures/planted-world.js'
import { json, user } from './fixtures/stand-in.js'

/** What an app might be talked into by a parameter of its own. */
interface Asked { target?: string, id?: string, path?: string }

const targetsOf = (foreign: string, api: string): string[] => {
  const [host, port] = [foreign.replace('http://', ''), new URL(api).port]
  return [
    foreign, `//${host}/x`, `\\\\${host}\\x`, `/\\${host}/x`, `\t//${host}/x`, ` ${foreign} `, foreign.toUpperCase(), foreign.replace('http', 'ht\ntp'), `http://127.0.0.1:${port}@${host}/`, `http://user@127.0.0.1:${port}/`,
    `http://localhost:${port}/`, `https://127.0.0.1:${port}/`, `http://[::1]:${port}/`, `http://0.0.0.0:${port}/`, 'http://127.0.0.1/', 'https://api.miro.com/', 'http://api.miro.com.evil.example/', 'http://127.0.0.1.evil.example/',
    `blob:${api}/x`, 'data:,x', 'file:///etc/passwd', 'javascript:0', 'http://[', 'http://', '//'
  ]
}

t.test('request.miro: a parameter that names a target leads it to no origin but Miro\'s', async (t) => {
  const evidence = new Evidence()
  const { app, signedIn, standIn } = await createPlantedWorld(t, { evidence, name: 'hostile targets' })
  let connections = 0
  const other = createServer((_request, response) => { response.end() }).on('connection', () => { connections++ })
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  t.teardown(() => { other.closeAllConnections(); other.close() })
  const foreign = `http://127.0.0.1:${(other.address() as AddressInfo).port}`

  const passOn = async (fetch: ApiFetch, { target = '' }: Asked): Promise<{ status: number }> => ({ status: (await fetch(target)).status })
  app.get('/fetch', (request) => passOn(request.miro.fetch, request.query as Asked))
  app.get('/for', (request) => passOn(request.miro.for(user).fetch, request.query as Asked))
  app.get('/client', (request) => passOn(app.miro.client(user).fetch, request.query as Asked))
  app.get('/request', async (request) => {
    const { target = '' } = request.query as Asked
    return passOn((input) => request.miro.fetch(URL.canParse(String(input)) ? new URL(String(input)) : input), {
      target
    })
  })
  app.get('/pages', async (request) => request.miro.paginate((request.query as Asked).path ?? '').next())
  app.get('/board', (request) => request.miro.boards.get((request.query as Asked).id ?? ''))
  const person = await signedIn()
  standIn.received.length = 0

  const targets = targetsOf(foreign, standIn.url)
  for (const target of targets) {
    for (const url of ['/fetch', '/for', '/client', '/request']) {
      const answer = await person.call(`${url}?${new URLSearchParams({ target }).toString()}`)
      t.match(answer.json(), { statusCode: 500, code: 'MIRO_FOREIGN_ORIGIN' }, `${url} ${JSON.stringify(target)}`)
    }
    t.equal((await person.call(`/pages?${new URLSearchParams({ path: target }).toString()}`)).json().code, 'MIRO_FOREIGN_ORIGIN', `paginate ${JSON.stringify(target)}`)
  }
  t.same(standIn.received, [], 'Miro was not asked either')

  for (const id of ['../../v1/oauth-token', '..', foreign, `//${foreign}`, 'a/b?c#d', '%2e%2e']) await person.call(`/board?${new URLSearchParams({ id }).toString()}`)
  t.ok(standIn.received.length > 3)
  for (const { path } of standIn.received) t.match(path, /^\/v2\/boards\/[^/]+$/)

  for (const status of [301, 302, 303, 307, 308]) {
    standIn.override(({ path }) => path === '/v2/away' ? json(status, null, { location: `${foreign}/steal` }) : null)
    t.equal((await person.call('/fetch?target=/v2/away')).json().code, 'MIRO_FOREIGN_ORIGIN', `redirected by ${status}`)
  }
  t.equal(connections, 0)
  t.same(evidence.hits(), [])
})
