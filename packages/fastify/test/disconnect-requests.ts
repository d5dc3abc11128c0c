import t, { type Test } from 'tap'
import type { FastifyMiroOptions, GrantRef } from '../src/index.js'
import { signInAs } from '../src/testing/index.js'
import { createWorld } from './fixtures/world.js'

/** Ids of Miro's length, which are rounded as numbers. */
const [team10, team20] = [{ userId: '3458764520000000003', teamId: '3458764530000000010' }, { userId: '3458764520000000003', teamId: '3458764530000000020' }]
const short = { userId: '7', teamId: '10' }

interface Answer { status: number, code: string | undefined, message: string | undefined, ended: string[] }

/** An app whose user has connected some teams: each disconnect begins with all of them, and tells which have ended. */
async function createDisconnects (
  t: Test,
  teams: GrantRef[],
  options: Partial<FastifyMiroOptions> = {}
): Promise<(body?: string | Buffer, headers?: Record<string, string>, query?: string) => Promise<Answer>> {
  const { app } = await createWorld(t, { appUserId: () => 'ann', ...options })
  return async (payload, headers = {}, query = '') => {
    for (const ref of teams) await signInAs(app, { ...ref, appUserId: 'ann' })
    const answer = await app.inject({
      method: 'POST',
      url: `/auth/miro/disconnect${query}`,
      headers: { origin: 'http://localhost:3000', ...headers },
      ...(payload === undefined ? {} : { payload })
    })
    const active = (await app.miro.clientsOf('ann')).map(({ ref: { teamId } }) => teamId)
    const { code, message } = answer.body === '' ? {} : answer.json()
    return {
      status: answer.statusCode,
      code,
      message,
      ended: teams.map((
        { teamId }
      ) => teamId).filter((teamId) => !active.includes(teamId))
    }
  }
}

const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

t.test('disconnect: a grant is named in a form, JSON or the query, in both spellings, by texts and exact integers', async (t) => {
  const disconnect = await createDisconnects(t, [team10, team20])
  const { userId, teamId } = team10
  const requests: Array<[body: string | undefined, headers: Record<string, string>, query?: string]> = [
    [`user_id=${userId}&team_id=${teamId}`, form],
    [`userId=${userId}&teamId=${teamId}`, form],
    [`user_id=${userId}&teamId=${teamId}&_csrf=x&_method=`, form],
    [`user_id=${userId}&userId=${userId}&team_id=${teamId}`, form],
    [`user_id=${userId}&team_id=${teamId}`, { 'content-type': 'Application/X-WWW-Form-Urlencoded; charset=UTF-8' }],
    [`user_id=${userId}&team_id=${teamId}`, {}],
    [JSON.stringify({ userId, teamId }), json],
    [JSON.stringify({ user_id: userId, team_id: teamId, _csrf: 'x' }), { 'content-type': 'application/json; charset="utf-8"' }],
    [`{"userId":${userId},"teamId":${teamId}}`, json],
    [`{"user_id":"${userId}","teamId":${teamId}}`, {}],
    [undefined, {}, `?user_id=${userId}&team_id=${teamId}`],
    ['', json, `?userId=${userId}&teamId=${teamId}`],
    [`user_id=${userId}&team_id=${teamId}`, form, `?user_id=${userId}&team_id=${teamId}`],
    [`team_id=${teamId}`, form, `?user_id=${userId}`]
  ]
  for (const [body, headers, query] of requests) {
    t.same(await disconnect(body, headers, query), { status: 204, code: undefined, message: undefined, ended: [teamId] }, `${body} ${query}`)
  }
})

t.test('disconnect: with several grants and no name it refuses to guess, and says which fields to send', async (t) => {
  const disconnect = await createDisconnects(t, [team10, team20])
  for (const [body, headers] of [[undefined, {}], ['', form], ['', json], ['{}', json], ['_csrf=x', form], ['', { 'content-type': 'multipart/form-data; boundary=x' }]] as const) {
    t.match(await disconnect(body, headers), { status: 400, code: 'MIRO_GRANT_UNNAMED', message: /user_id and team_id/, ended: [] }, String(body))
  }
})

t.test('disconnect: a person\'s only grant needs no name', async (t) => {
  const disconnect = await createDisconnects(t, [team10])
  for (const [body, headers] of [[undefined, {}], ['', form], ['', { 'content-type': 'text/plain' }], ['{}', json], ['_csrf=x', form]] as const) {
    t.match(await disconnect(body, headers), { status: 204, ended: [team10.teamId] }, String(body))
  }
})

t.test('disconnect: in sign-in mode the session\'s grant must be named too where there are several', async (t) => {
  const { app } = await createWorld(t)
  await signInAs(app, team10)
  const cookies = await signInAs(app, team20)
  const post = async (payload: object): Promise<number> => {
    return (await app.inject({ method: 'POST', url: '/auth/miro/disconnect', headers: { origin: 'http://localhost:3000' }, cookies, payload })).statusCode
  }
  t.equal(await post({}), 400)
  t.equal(await post({ user_id: team10.userId, team_id: team10.teamId }), 204)
  t.equal(await post({}), 204, 'one is left, which needs no name')
  t.equal((await app.miro.clientsOf(team10.userId)).length, 0)
})

for (const [name, teams] of [['of several grants', [short, team20]], ['though there is only one', [short]]] as const) {
  t.test(`disconnect: a body that cannot be read ends nothing, ${name}`, async (t) => {
    const disconnect = await createDisconnects(t, [...teams])
    const named = 'user_id=7&team_id=10'
    const unread: Array<[type: string | undefined, body: string | Buffer]> = [
      ['multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data; name="team_id"\r\n\r\n10\r\n--x--\r\n'],
      ['application/xml', '<grant><team_id>10</team_id></grant>'],
      ['text/xml', '<a/>'],
      ['text/plain', named],
      ['text/plain;charset=UTF-8', '{"userId":"7","teamId":"10"}'],
      ['text/json', '{}'],
      ['application/vnd.api+json', '{}'],
      ['application/octet-stream', named],
      ['nothing', named],
      ['a/b/c', named],
      ['application/json; charset=utf-16', '{}'],
      ['application/x-www-form-urlencoded; charset=iso-8859-1', named],
      ['application/json, application/x-www-form-urlencoded', named],
      [undefined, '<xml/>'],
      [undefined, 'team 10'],
      ['', '[1]']
    ]
    for (const [type, body] of unread) {
      const headers = type === undefined ? {} : { 'content-type': type }
      t.match(await disconnect(body, headers), { status: 415, code: 'MIRO_BODY_UNSUPPORTED', ended: [] }, `${type}: ${body.toString()}`)
    }
    t.match(await disconnect(named, { ...form, 'content-encoding': 'gzip' }), { status: 415, ended: [] })
    t.match(await disconnect('x'.repeat(20_000), form), { status: 413, code: 'MIRO_BODY_TOO_LONG', ended: [] })
    t.match(await disconnect(`x=${'x'.repeat(16_383)}`, form), { status: 413, ended: [] })
    t.match(await disconnect(`x=${'x'.repeat(16_382)}`, form), { status: 400, code: 'MIRO_BODY_INVALID', ended: [] }, '16 KB')
    t.match(await disconnect(`${named}&_x=${'x'.repeat(20_000)}`, form), { status: 413, ended: [] })
  })

  t.test(`disconnect: a body that says what is not known ends nothing, and the field is named, ${name}`, async (t) => {
    const disconnect = await createDisconnects(t, [...teams])
    const forms: Array<[body: string, field: string]> = [
      ['user=7&team=10', 'user'],
      ['user_id=7&team_id=10&board_id=1', 'board_id'],
      ['button=', 'button'],
      ['User_Id=7&Team_Id=10', 'User_Id'],
      ['user_id=7&team_id=10&team_id=20', 'team_id'],
      ['user_id=7&team_id=10&team_id=10', 'team_id'],
      ['user_id=7', 'team_id'],
      ['teamId=10', 'user_id'],
      ['user_id=7&team_id=10&teamId=20', 'team_id'],
      ['user_id=7&team_id=', 'team_id'],
      ['{"userId":"7","teamId":"10"}', 'A field'],
      ['<a href=b>', 'A field']
    ]
    const jsons: Array<[body: string, field: string]> = [
      ['{"grant":{"userId":"7","teamId":"10"}}', 'grant'],
      ['{"userId":"7","teamId":"10","force":true}', 'force'],
      ['{"userId":"7","teamId":"10","teamId":"20"}', 'twice'],
      ['{"userId":7,"teamId":10.0}', 'teamId'],
      ['{"userId":7,"teamId":1e1}', 'teamId'],
      ['{"userId":7,"teamId":9.9999999999999999999}', 'teamId'],
      ['{"userId":7,"teamId":null}', 'teamId'],
      ['{"userId":[7],"teamId":10}', 'userId'],
      ['{"userId":true,"teamId":10}', 'userId'],
      ['{"userId":"7","teamId":"\\ud800"}', 'teamId'],
      ['{"userId":"7","user_id":"8","teamId":"10"}', 'user_id'],
      ['{"userId":"7"}', 'team_id'],
      ['{"userId":"7","teamId":"10"', 'no JSON'],
      ['{userId:7,teamId:10}', 'no JSON'],
      [' ', 'no JSON'],
      ['['.repeat(10_000), 'no JSON'],
      ['[{"userId":"7","teamId":"10"}]', 'object'],
      ['"7"', 'object'],
      ['null', 'object'],
      ['__proto__', 'no JSON']
    ]
    for (const [cases, headers] of [[forms, form], [jsons, json]] as const) {
      for (const [body, field] of cases) {
        t.match(await disconnect(body, headers), { status: 400, code: 'MIRO_BODY_INVALID', message: field, ended: [] }, body.slice(0, 80))
      }
    }
    t.match(await disconnect(Buffer.from('user_id=7&team_id=10\xff', 'latin1'), form), { status: 400, message: 'UTF-8', ended: [] })
    t.match(await disconnect(undefined, {}, '?team=10'), { status: 400, message: 'team', ended: [] }, 'in the query too')
    t.match(await disconnect('user_id=7&team_id=20', form, '?user_id=7&team_id=10'), { status: 400, message: 'team_id', ended: [] })
  })
}

t.test('disconnect: a name that is rounded, or of no grant, ends none', async (t) => {
  const disconnect = await createDisconnects(t, [team10, team20])
  for (const body of [`{"userId":${Number(team10.userId)},"teamId":${Number(team10.teamId)}}`, '{"userId":"7","teamId":"10"}', `{"userId":-${team10.userId},"teamId":${team10.teamId}}`]) {
    t.match(await disconnect(body, json), { status: 401, code: 'MIRO_NOT_CONNECTED', ended: [] }, body)
  }
})

t.test('logout: it takes no fields, so that no body keeps a person signed in', async (t) => {
  const { app } = await createWorld(t)
  for (const payload of ['', '{', 'x'.repeat(200_000), 'user_id=1']) {
    const cookies = await signInAs(app, team10)
    const answer = await app.inject({ method: 'POST', url: '/auth/miro/logout', headers: { origin: 'http://localhost:3000', 'content-type': 'application/json' }, cookies, payload })
    t.equal(answer.statusCode, 204)
    t.equal((await app.inject({ url: '/me', cookies })).statusCode, 401)
  }
})
