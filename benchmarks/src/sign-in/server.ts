import type { BackendAddress } from '../backend/backend-kind.js'
import { openBackend } from '../backend/open-backend.js'
import { childInput, serve } from '../child/serve.js'
import { buildApp, type Library } from './apps.js'

/** What the section passes to this server. */
export interface SignInServerInput {
  library: Library
  address: BackendAddress
  miroUrl: string
}

const { library, address, miroUrl } = childInput() as SignInServerInput
const backend = await openBackend(address)
const app = await buildApp(library, backend, miroUrl)
const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))

serve({ usage: () => process.cpuUsage() }, { port: Number(url.port) }, async () => {
  await app.close()
  await backend.close()
})
