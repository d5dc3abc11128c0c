import { openStore } from '../stores/open-store.js'
import { openStoreFaults } from '../stores/store-faults.js'
import { timingsFor } from '../timings.js'
import { startServers } from './servers.js'
import type { StormOptions, StormResult } from './storm-options.js'
import { StormRun } from './storm-run.js'

/** Runs a fleet with faults, and judges every person. Returns null if this machine has no such store. */
export async function runStorm (options: StormOptions): Promise<StormResult | null> {
  const timings = timingsFor(options.scale)
  const { people, store } = options
  const servers = await startServers(store, { people, accessTokenSeconds: timings.accessTokenSeconds })
  if (servers === null) return null
  const driverStore = await openStore(store, servers.storeServer.url)
  const storeFaults = await openStoreFaults(store, servers.storeServer, timings)
  const run = new StormRun({ options, timings, servers, driverStore, storeFaults })
  try {
    return await run.run()
  } finally {
    await run.close()
    await driverStore.close()
    storeFaults.close()
    await servers.close()
  }
}
