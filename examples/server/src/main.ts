import { ConfigError, type Store } from '@miro-oauth/fastify'
import { buildApp } from './app.js'
import { inVariableNames, readConfig, VariableError, type Config } from './config.js'
import { codeOf, readEnvironment } from './environment.js'
import { startStandIn } from './stand-in.js'
import { createStore } from './store.js'

/** Everything that must be closed again, in the order in which it was started. */
const running: Array<{ close: () => PromiseLike<unknown> }> = []
let stopping: Promise<void> | undefined

// Ctrl-C reaches this process from the terminal and once more from npm: the second one must not cut the first short.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => { stopping ??= stop() })

try {
  await start()
  // Whatever was still starting when the signal came.
  if (stopping !== undefined) await stop()
} catch (error) {
  process.exitCode = 1
  console.error(toLine(error))
  await stop()
}

async function start (): Promise<void> {
  const config = readConfig(readEnvironment())
  const { host, port } = config
  const store = await openStore(config)
  if (config.miro === null) {
    const { emulator, miro } = await startStandIn(config)
    running.push(emulator)
    // Requests are not logged here, so that the line below stays in sight.
    const app = await buildApp({ miro: { ...miro, store }, logger: { level: 'warn' } })
    running.push(app)
    await app.listen({ host, port })
    console.log(`No MIRO_CLIENT_ID: using a local stand-in for Miro (clock and settings at ${emulator.url}). Open http://localhost:${port}`)
  } else {
    const app = await buildApp({ miro: { ...config.miro, store }, logger: { level: 'info' } })
    running.push(app)
    await app.listen({ host, port })
    // Behind a proxy these differ; without one, a redirect URI with another port is a mistake that this line shows.
    console.log(`Listening on ${host}:${port}. Open ${new URL(config.miro.redirectUri ?? '').origin}`)
  }
}

/** The shared store, ready for use; `undefined`: memory will do. */
async function openStore ({ store: config }: Config): Promise<Store | undefined> {
  if (config === null) return undefined
  if (config.keys === undefined) console.warn('STORE_KEYS is not set: tokens are stored as they are, and whoever reads the store can act for everybody in it.')
  const shared = createStore(config)
  running.push(shared)
  await shared.open()
  return shared.store
}

/** The server first: it finishes what it has begun, and may need Miro for that. */
async function stop (): Promise<void> {
  for (const part of running.toReversed()) await part.close()
}

function toLine (error: unknown): string {
  if (error instanceof VariableError) return error.message
  if (error instanceof ConfigError) return inVariableNames(error.message)
  if (codeOf(error) === 'EADDRINUSE') return 'PORT is taken by another program. Stop that one, or set PORT to another number.'
  if (error instanceof Error && 'syscall' in error) return `HOST and PORT: cannot listen there (${codeOf(error)}).`
  return error instanceof Error ? error.message : 'The server did not start.'
}
