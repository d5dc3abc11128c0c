import type { BackendAddress } from '../backend/backend-kind.js'
import { openBackend } from '../backend/open-backend.js'
import { childInput, serve } from '../child/serve.js'
import { scenarioOf } from '../scenarios/index.js'

/** What {@link startServer} passes. */
export interface ServerInput {
  name: string
  address: BackendAddress
}

const { name, address } = childInput() as ServerInput
const backend = await openBackend(address)
const { app, cookies } = await scenarioOf(address.kind, name).build(backend)
const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))

serve({ usage: () => process.cpuUsage() }, { port: Number(url.port), cookies }, async () => {
  await app.close()
  await backend.close()
})
