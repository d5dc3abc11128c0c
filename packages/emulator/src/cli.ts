#!/usr/bin/env node
import { help, readCliArguments } from './cli-options.js'
import { createEmulator } from './create-emulator.js'
import { EmulatorOptionError } from './option-error.js'
import type { EmulatorOptions } from './settings.js'

const longestMs = 2 ** 31 - 1

const request = readCliArguments(process.argv.slice(2))

if (request.kind === 'help') process.stdout.write(help)
else if (request.kind === 'invalid') fail(request.message, 2)
else await start(request.options)

async function start (options: EmulatorOptions): Promise<void> {
  try {
    const emulator = await createEmulator(options)
    console.log(`Miro emulator on ${emulator.url} for client id ${emulator.app.clientId}`)
    // The emulator itself does not keep a process alive.
    const alive = setInterval(() => {}, longestMs)
    const end = () => {
      clearInterval(alive)
      return emulator.close()
    }
    process.once('SIGINT', end)
    process.once('SIGTERM', end)
  } catch (error) {
    if (error instanceof EmulatorOptionError) fail(error.message, 2)
    else fail(problemOf(error, options), 1)
  }
}

function problemOf (error: unknown, { port, dangerouslyListenOn: address }: EmulatorOptions): string {
  if (!(error instanceof Error)) return 'it did not start'
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'EADDRINUSE') return `--port: ${port} is taken by another program (EADDRINUSE). Stop that one, or name another port`
  if (code === 'EACCES') return `--port: this user may not listen on ${port} (EACCES). Name one above 1023`
  if (code === 'EADDRNOTAVAIL') return `--dangerously-listen-on: this machine has no address ${address} (EADDRNOTAVAIL)`
  return error.message
}

function fail (message: string, exitCode: number): void {
  console.error(`miro-emulator: ${message}`)
  process.exitCode = exitCode
}
