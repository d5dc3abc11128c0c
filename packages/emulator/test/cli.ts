import t from 'tap'
import { readCliArguments } from '../src/cli-options.js'
import { defaultRules } from '../src/model/index.js'
import { describeOffset } from '../src/pages/clock-offset.js'
import { toJsonText } from '../src/wire/json-text.js'

t.test('command line: every flag becomes an option', async (t) => {
  const request = readCliArguments([
    '--port', '0', '--client-id', '1', '--client-secret', 's', '--redirect-uri', 'http://a/',
    '--redirect-uri=http://b/', '--sdk-uri', 'http://a/panel/', '--redirect-uri-for-sdk', 'http://b/',
    '--scope', 'boards:read', '--non-expiring', '--ids', 'numbers', '--refusals', 'rfc',
    '--pkce', 'enforce', '--id-token-seconds', '60', '--id-token-ids', 'numbers', '--authorize-opener', 'cut',
    '--reuse', 'revoke-family', '--reconnect', 'replace', '--revoke', 'user'
  ])
  const redirectUris = ['http://a/', 'http://b/']
  const inMiro = { sdkUri: 'http://a/panel/', redirectUriForSdk: 'http://b/' }
  const app = { clientId: '1', clientSecret: 's', redirectUris, ...inMiro, scopes: ['boards:read'], expiring: false }
  const rules = { reuse: 'revoke-family', reconnect: 'replace', revoke: 'user' }
  const idToken = { lifetimeSeconds: 60, ids: 'numbers' }
  t.same(request, {
    kind: 'start',
    options: { port: 0, ids: 'numbers', refusals: 'rfc', pkce: 'enforce', authorizeOpener: 'cut', idToken, rules, seed: { app } }
  })
  t.match(readCliArguments([]), {
    kind: 'start',
    options: { port: 4100, ids: 'text', refusals: 'envelope', pkce: 'ignore', rules: defaultRules, seed: { app: { expiring: true } } }
  })
  t.same(readCliArguments(['--help']), { kind: 'help' })
})

t.test('command line: a mistake is reported in one line', async (t) => {
  for (const args of [
    ['--bogus'], ['positional'], ['--port'], ['--port', 'x'], ['--port', '70000'], ['--ids', 'words'],
    ['--refusals', 'words'], ['--pkce', 'plain'], ['--reuse', 'keep'], ['--reconnect', 'refuse'], ['--revoke', 'everything'],
    ['--non-expiring=1'], ['--id-token-seconds', '0'], ['--id-token-seconds', '1.5'], ['--id-token-ids', 'words'],
    ['--authorize-opener', 'sever']
  ]) {
    const request = readCliArguments(args)
    t.equal(request.kind, 'invalid', args.join(' '))
    if (request.kind === 'invalid') t.notMatch(request.message, '\n')
  }
})

t.test('clock offset: is described in words', async (t) => {
  t.equal(describeOffset(0), 'not moved')
  t.equal(describeOffset(3_600_000), '1 hour ahead')
  t.equal(describeOffset(2 * 86_400_000 + 3 * 3_600_000 + 61_000), '2 days, 3 hours, 1 minute, 1 second ahead')
  t.equal(describeOffset(-300_000), '5 minutes behind')
})

t.test('JSON: a bigint keeps every digit', async (t) => {
  t.equal(
    toJsonText({ id: 9223372036854775807n, gone: undefined, list: [1, null, true, 'a"b\n'] }),
    '{"id":9223372036854775807,"list":[1,null,true,"a\\"b\\n"]}'
  )
})
