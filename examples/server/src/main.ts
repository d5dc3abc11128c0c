import {
  miroOrStandIn, openStore, readEnvironment, readServerConfig, readyLines, runUntilSignal
} from '@miro-oauth/example-shared'
import { buildApp } from './app.js'

await runUntilSignal(async (closeAtEnd) => {
  const config = readServerConfig(readEnvironment())
  const { host, port } = config
  const store = await openStore(config.store, closeAtEnd)
  const { miro, standIn } = await miroOrStandIn(config, { appName: 'Example server', closeAtEnd })
  const app = await buildApp({
    miro: { ...miro, store },
    // With the stand-in requests are not logged, so that the line below stays in sight.
    logger: { level: standIn === null ? 'info' : 'warn' }
  })
  closeAtEnd(app)
  // A store that cannot be used ends the start here. Else a person would meet it, after the consent.
  await app.miro.auth.check()
  await app.listen({ host, port })
  console.log(readyLines(config, { miro, standIn }))
})
