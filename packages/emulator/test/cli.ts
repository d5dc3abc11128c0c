import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { resolve } from 'node:path'
import t from 'tap'
import { readCliArguments } from '../src/cli-options.js'
import { createEmulator } from '../src/create-emulator.js'
import { defaultRules } from '../src/model/index.js'
import { describeOffset } from '../src/pages/clock-offset.js'
import { toJsonText } from '../src/wire/json-text.js'
import { listenOnLoopback } from '../src/listen.js'

// The compiled command, as it is published: it must find its views from there.
const CLI = resolve('dist/cli.js')
if (!existsSync(CLI)) throw new Error('Build the package first')

interface Run {
  status: number | null
  stdout: string
  stderr: string
}

type Kill = (signal: NodeJS.Signals) => void

/** Runs the command. `onLine` is called with its first line of output, and may send it a signal. */
async function runCli (
  args: readonly string[], onLine: (line: string, kill: Kill) => unknown = () => {}
): Promise<Run> {
  // An empty environment: the test runner's would load the TypeScript compiler into every child.
  const child = spawn(process.execPath, [CLI, ...args], { env: {} })
  const run: Run = { status: null, stdout: '', stderr: '' }
  child.stderr.setEncoding('utf8').on('data', (text: string) => { run.stderr += text })
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const first = run.stdout === ''
    run.stdout += text
    if (first) onLine(text, (signal) => { child.kill(signal) })
  })
  run.status = (await once(child, 'close'))[0] as number | null
  return run
}

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

t.test('command: prints its URL, and exits with 0 on SIGTERM and SIGINT', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    let status = 0
    const run = await runCli(['--port', '0', '--client-id', '42'], async (line, kill) => {
      status = (await fetch(/http:\S+/.exec(line)?.[0] ?? '')).status
      kill(signal)
    })
    t.match(run, { status: 0, stderr: '' })
    t.match(run.stdout, /^Miro emulator on http:\/\/localhost:\d+ for client id 42\n$/)
    t.equal(status, 200)
  }
})

t.test('command: an invalid option exits with 2, and a port in use with 1', async (t) => {
  t.match(await runCli(['--bogus']), { status: 2, stdout: '', stderr: /^miro-emulator: [^\n]*--bogus[^\n]*\n$/ })
  t.match(await runCli(['--redirect-uri', 'nowhere']), {
    status: 2, stderr: /^miro-emulator: [^\n]*redirectUris[^\n]*\n$/
  })
  t.match(await runCli(['--help']), { status: 0, stderr: '', stdout: /--redirect-uri/ })
  const taken = await listenOnLoopback(() => {}, 0)
  t.match(await runCli(['--port', String(taken.port)]), {
    status: 1, stdout: '', stderr: /^miro-emulator: [^\n]*EADDRINUSE[^\n]*\n$/
  })
  await taken.close()
})

t.test('command: it listens on another address than loopback where it is told to', async (t) => {
  t.match(await runCli(['--dangerously-listen-on', 'miro']), {
    status: 2, stderr: /^miro-emulator: dangerouslyListenOn must be an IP address\n$/
  })
  const emulator = await createEmulator({ dangerouslyListenOn: '0.0.0.0' })
  t.teardown(() => emulator.close())
  const others = Object.values(networkInterfaces()).flat().filter((address) => address?.family === 'IPv4')
  for (const { address } of others as Array<{ address: string }>) {
    t.equal((await fetch(`http://${address}:${new URL(emulator.url).port}/`)).status, 200, address)
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
