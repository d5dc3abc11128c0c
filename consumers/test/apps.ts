import t from 'tap'
import { packAll } from './fixtures/pack.js'
import { linkDependencies } from './fixtures/project.js'
import { runStranger, startMiro } from './fixtures/stranger.js'
import { strangers } from './fixtures/strangers.js'

t.test('apps: on the packed packages', async (t) => {
  const packed = await packAll()
  await linkDependencies(packed)
  const { emulator, ports } = await startMiro(t, packed, Object.keys(strangers))
  for (const [name, stranger] of Object.entries(strangers)) {
    await t.test(name, async (t) => {
      t.match(await runStranger(t, stranger, { packed, emulator, port: ports.get(name) ?? 0 }), stranger.succeeds.shows)
    })
  }
})
