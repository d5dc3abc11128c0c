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
    else fail(error instanceof Error ? error.message : 'it did not start', 1)
  }
}

function fail (message: string, exitCode: number): void {
  console.error(`miro-emulator: ${message}`)
  process.exitCode = exitCode
}
