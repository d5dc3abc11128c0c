import { openStore } from '../stores/open-store.js'
import { StoreLink } from '../stores/store-link.js'
import { timingsFor } from '../timings.js'
import { startScene } from './scene.js'
import type { StormOptions, StormResult } from './storm-options.js'
import { Storm } from './storm-run.js'

/** Runs a storm over a fleet and judges everybody; `null` where this machine has no such store. */
export async function runStorm (options: StormOptions): Promise<StormResult | null> {
  const timings = timingsFor(options.scale)
  const scene = await startScene(options.store, { people: options.people, accessTokenSeconds: timings.accessTokenSeconds })
  if (scene === null) return null
  const own = await openStore(options.store, scene.server.url)
  const link = await StoreLink.open(scene.server.url)
  const storm = new Storm({ options, timings, scene, own, link })
  try {
    return await storm.run()
  } finally {
    await storm.close()
    await own.close()
    link.close()
    await scene.close()
  }
}
