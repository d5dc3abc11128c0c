import { ConfigError, type FastifyMiroOptions, type Store } from '@miro-oauth/fastify'
import { buildApp } from './app.js'
import { inVariableNames, readConfig, VariableError, type Config } from './config.js'
import { codeOf, readEnvironment } from './environment.js'
import { createDemoPeople } from './people.js'
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
    await serve(config, { ...miro, store })
    console.log(`No MIRO_CLIENT_ID: using a local stand-in for Miro (clock and settings at ${emulator.url}). Open http://localhost:${port}`)
  } else {
    await serve(config, { ...config.miro, store })
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

async function serve (config: Config, miro: FastifyMiroOptions): Promise<void> {
  const { host, port, sessionSecret, demoPassword } = config
  const isDemo = config.miro === null
  const app = await buildApp({
    miro,
    sessionSecret,
    people: await createDemoPeople(demoPassword),
    demoPassword: isDemo ? demoPassword : null,
    // In the demo requests are not logged, so that the line that is printed stays in sight.
    logger: { level: isDemo ? 'warn' : 'info' }
  })
  running.push(app)
  await app.listen({ host, port })
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
