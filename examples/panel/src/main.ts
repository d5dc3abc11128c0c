import { miroOrStandIn, openStore, readEnvironment, readyLines, runUntilSignal } from '@miro-oauth/example-shared'
import { buildApp } from './app.js'
import { readConfig } from './config.js'
import { insideMiro } from './inside-miro.js'

/** A board that the stand-in has from the start. */
const board = '/app/board/uXjVOD6LSME='

await runUntilSignal(async (closeAtEnd) => {
  const config = readConfig(readEnvironment())
  const { host, port, onlyTeam } = config
  const store = await openStore(config.store, closeAtEnd)
  const { miro, standIn } = await miroOrStandIn(config, { appName: 'Example panel', insideMiro, closeAtEnd })
  const app = await buildApp({
    miro: { ...miro, store },
    onlyTeam,
    // With the stand-in requests are not logged, so that the lines below stay in sight.
    logger: { level: standIn === null ? 'info' : 'warn' }
  })
  closeAtEnd(app)
  // A store that cannot be used ends the start here. Else a person would meet it, after the consent.
  await app.miro.auth.check()
  await app.listen({ host, port })
  console.log(readyLines(config, { miro, standIn }, board))
})
