import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ConfigError, readConfig } from '../src/config.js'
import { describeDecline } from '../src/questions/decline.js'
import { describeIdToken } from '../src/questions/id-token.js'
import { describeOpener } from '../src/questions/opener.js'
import { describePkce } from '../src/questions/pkce.js'
import { decideGrace } from '../src/questions/probes.js'
import { decideReuse } from '../src/questions/reuse.js'
import { decideRevoke } from '../src/questions/revoke.js'
import { decideSecondConnect } from '../src/questions/second-connect.js'
import { decideStateLength } from '../src/questions/state-length.js'
import { openReportFile } from '../src/report-file.js'
import { isCallbackOf } from '../src/session/authorize-link.js'
import { Unanswered } from '../src/unanswered.js'
import { readReply, type Reply } from '../src/wire/reply.js'
import { Secrets } from '../src/wire/secrets.js'
import { refusalText, shapeOf, wordOf } from '../src/wire/shape.js'

function replyOf (status: number, body: string | object = ''): Promise<Reply> {
  return readReply(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status }))
}

const granted = await replyOf(200, {})
const refused = await replyOf(401)

t.test('report: a file that cannot be written is told before the first question, and an earlier one stays until its answer', async (t) => {
  const folder = t.testdir()
  mkdirSync(join(folder, 'taken'))
  t.throws(() => openReportFile(join(folder, 'taken')), new ConfigError(`${join(folder, 'taken')} cannot be written in this folder (EISDIR).`))
  const file = join(folder, 'answers.json')
  writeFileSync(file, 'earlier')
  const save = openReportFile(file)
  t.equal(readFileSync(file, 'utf8'), 'earlier')
  save('new')
  t.equal(readFileSync(file, 'utf8'), 'new')
})

t.test('refusal: its form is told from its status and body', async (t) => {
  t.equal(refusalText(await replyOf(401, { status: 401, code: 'oauthError', message: 'x', type: 'error' })), '401 envelope oauthError')
  t.equal(refusalText(await replyOf(400, { error: 'invalid_grant' })), '400 rfc6749 invalid_grant')
  t.equal(refusalText(await replyOf(400, { message: 'x' })), '400 other json')
  t.equal(refusalText(refused), '401 empty')
  t.equal(refusalText(await replyOf(502, '<html>')), '502 not json')
  t.equal(refusalText(await replyOf(400, '[1]')), '400 not json')
})

t.test('shape: a value is named by type and length, and only a short word is kept', async (t) => {
  t.equal(shapeOf('3458764520000000003'), 'text of 19')
  t.equal(shapeOf(JSON.parse('3458764520000000003')), 'number of 19')
  t.same([undefined, null, [], {}, true].map(shapeOf), ['missing', 'null', 'list', 'object', 'boolean'])
  t.equal(wordOf('invalid_grant'), 'invalid_grant')
  t.equal(wordOf('x'.repeat(31)), 'text of 31')
  t.equal(wordOf('two words'), 'text of 9')
})

t.test('secrets: a text or number with a secret in it is withheld at any depth, also percent-encoded', async (t) => {
  const secrets = new Secrets()
  secrets.add('se/cret', 1234567)
  secrets.addFrom({ user: { id: '99887766' }, list: [{ name: 'Ada Lovelace' }], type: 'user', access_token: 'token-1' })
  const kept = { a: 'user', b: 1, c: null, d: true }
  t.same(secrets.withhold(kept), kept)
  for (const value of ['a se/cret', 'se%2Fcret', 1234567, 'id 99887766', 'Ada Lovelace', 'token-1']) {
    t.same(secrets.withhold({ list: [{ value }] }), { list: [{ value: '[withheld]' }] })
  }
})

t.test('grace: it lies between the last acceptance and the first refusal', async (t) => {
  const probe = (afterSeconds: number, reply: Reply) => ({ afterSeconds, reply })
  t.equal(decideGrace([probe(0, refused)]), 'none')
  t.equal(decideGrace([probe(0, granted), probe(2, granted), probe(5, refused)]), '2 to 5 seconds')
  t.equal(decideGrace([probe(0, granted), probe(60, granted)]), 'more than 60 seconds')
})

t.test('reuse: the latest pair tells whether its family was revoked', async (t) => {
  const stays = { accessTokenStays: true, refreshTokenStays: true }
  t.equal(decideReuse(true, stays), 'a spent refresh token is accepted')
  t.equal(decideReuse(false, stays), 'only refused')
  t.equal(decideReuse(false, { ...stays, refreshTokenStays: false }), 'the refresh token of its successors is revoked')
  t.equal(decideReuse(false, { ...stays, accessTokenStays: false }), 'the access token of its successors is revoked')
  t.equal(decideReuse(false, { accessTokenStays: false, refreshTokenStays: false }), 'all its successors are revoked')
})

t.test('second connect: the earlier tokens are judged one by one', async (t) => {
  t.equal(decideSecondConnect({ accessTokenStays: true, refreshTokenStays: true }), 'both pairs stay')
  t.equal(decideSecondConnect({ accessTokenStays: true, refreshTokenStays: false }), 'the earlier refresh token ends')
  t.equal(decideSecondConnect({ accessTokenStays: false, refreshTokenStays: true }), 'the earlier access token ends')
  t.equal(decideSecondConnect({ accessTokenStays: false, refreshTokenStays: false }), 'the earlier pair ends')
})

t.test('revoke: the other pair of the person tells what was ended, if it was live before', async (t) => {
  t.equal(decideRevoke({ isRevoked: false, wasLive: true, isLive: true }), 'nothing is revoked')
  t.equal(decideRevoke({ isRevoked: true, wasLive: false, isLive: false }), 'the pair is revoked; a person has no second one')
  t.equal(decideRevoke({ isRevoked: true, wasLive: true, isLive: true }), 'one pair is revoked')
  t.equal(decideRevoke({ isRevoked: true, wasLive: true, isLive: false }), 'every pair of the person is revoked')
})

t.test('pkce: only a right verifier that is taken after a wrong one was refused shows a check', async (t) => {
  const answerTo = (wrong: Reply | null, right: Reply | null, isRequired = false): string =>
    describePkce({ isRequired, wrong, right }).answer
  t.equal(answerTo(null, null), 'refused by the authorize page')
  t.equal(answerTo(granted, null), 'ignored')
  t.equal(answerTo(refused, refused), 'refused by the token endpoint')
  t.equal(answerTo(refused, granted), 'checked')
  t.equal(answerTo(refused, granted, true), 'checked and required')
})

t.test('decline: what comes back without a code is described, and a code is no answer', async (t) => {
  const visit = (query: string) => ({ kind: 'callback', parameters: new URLSearchParams(query), state: 's1' } as const)
  t.match(describeDecline({ kind: 'refused' }), { answer: 'no callback' })
  t.match(describeDecline(visit('error=access_denied')), { answer: 'error access_denied, state missing' })
  t.match(describeDecline(visit('state=s1')), { answer: 'error missing, state echoed', facts: { parameters: ['state'] } })
  t.throws(() => describeDecline(visit('code=c&state=s1')), Unanswered)
})

t.test('callback: a code counts only with its state; a refusal without one, and a state that was cut, count too', async (t) => {
  const state = 'x'.repeat(512)
  const isTaken = (query: Record<string, string>) => isCallbackOf(state, new URLSearchParams(query))
  t.ok(isTaken({ code: 'c', state }))
  t.ok(isTaken({ code: 'c', state: state.slice(0, 255) }))
  t.ok(isTaken({ error: 'access_denied' }))
  t.notOk(isTaken({ code: 'c' }))
  t.notOk(isTaken({ code: 'c', state: 'x' }))
  t.notOk(isTaken({ error: 'access_denied', state: 'another' }))
})

t.test('state: its length lies between the longest echo and the first that fails', async (t) => {
  t.equal(decideStateLength([{ length: 512, result: 'echoed' }]), 'at least 512')
  t.equal(decideStateLength([{ length: 512, result: 'echoed' }, { length: 2_000, result: 'changed' }]), 'at least 512, 2000 is changed')
})

t.test('opener: one page on the way that isolates itself cuts the opener off', async (t) => {
  t.match(describeOpener(['none', 'unsafe-none']), { answer: 'not cut off' })
  t.match(describeOpener(['none', 'same-origin; report-to="x"']), { answer: 'same-origin', facts: { policies: ['none', 'same-origin'] } })
  t.match(describeOpener(['planted']), { answer: 'unknown' })
})

t.test('id token: what is no JWT is no answer', async (t) => {
  for (const text of ['hello', 'a.b.c', `${Buffer.from('[]').toString('base64url')}.e30.x`]) {
    t.throws(() => describeIdToken(text, { clientId: '1', clientSecret: 's' }), Unanswered)
  }
})

t.test('config: the redirect URI is on loopback, a secret goes over https, and no message holds a value', async (t) => {
  const right = { MIRO_CLIENT_ID: '1', MIRO_CLIENT_SECRET: 's', MIRO_API_URL: '' }
  t.match(readConfig(right), { redirectUri: 'http://localhost:3000/auth/miro/callback', apiUrl: 'https://api.miro.com' })
  const wrong = [
    { MIRO_CLIENT_ID: '' },
    { MIRO_REDIRECT_URI: 'https://planted.example/cb' },
    { MIRO_REDIRECT_URI: 'http://planted.example/cb' },
    { MIRO_API_URL: 'http://planted.example' },
    { MIRO_AUTHORIZE_URL: 'planted' },
    { MIRO_CLIENT_SECRET: '"planted"' },
    { MIRO_CLIENT_SECRET: '\'planted\'' },
    { MIRO_CLIENT_SECRET: 'planted\n' },
    { MIRO_CLIENT_ID: ' ' },
    { MIRO_REDIRECT_URI: 'http://localhost:3000/planted ' }
  ]
  for (const variables of wrong) {
    const error = t.throws(() => readConfig({ ...right, ...variables }), ConfigError)
    t.notMatch(error, { message: /planted/ })
  }
})
