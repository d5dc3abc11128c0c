import { networkInterfaces } from 'node:os'
import t from 'tap'
import { createEmulator } from '../../src/create-emulator.js'
import { listenOnLoopback } from '../../src/listen.js'
import { runCli } from '../fixtures/run-cli.js'

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
    status: 1, stdout: '', stderr: /^miro-emulator: --port: \d+ is taken [^\n]*EADDRINUSE[^\n]*\n$/
  })
  t.match(await runCli(['--dangerously-listen-on', '192.0.2.1']), {
    status: 1, stdout: '', stderr: /^miro-emulator: --dangerously-listen-on: [^\n]*EADDRNOTAVAIL[^\n]*\n$/
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
