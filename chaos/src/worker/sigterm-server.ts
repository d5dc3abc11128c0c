import { fastifyMiro } from '@miro-oauth/fastify'
import Fastify from 'fastify'
import type { MiroAddress } from '../fleet/messages.js'
import { openStore } from '../stores/open-store.js'
import type { StoreKind } from '../stores/store-kind.js'
import { senderNumbers, taggedFetch } from './tagged-http.js'
import { userHeader } from './user-header.js'

/** The options of a server, which it gets as its only argument. */
export interface ServerOptions {
  id: string
  store: { kind: StoreKind, url: string }
  miro: MiroAddress
  /** By how many milliseconds the server's clock is ahead of the machine's. */
  aheadMs: number
}

const options = JSON.parse(process.argv[2] ?? '{}') as ServerOptions
const open = await openStore(options.store.kind, options.store.url)
const { apiUrl, authorizeUrl, clientId, clientSecret, redirectUri } = options.miro

const app = Fastify()
// Fastify runs close hooks in reverse order: this one comes before the plugin, so that the store is closed after it.
app.addHook('onClose', () => open.close())
await app.register(fastifyMiro, {
  clientId,
  clientSecret,
  redirectUri,
  cookieSecret: 'a secret of this run and of nothing else',
  store: open.store,
  endpoints: { apiUrl, authorizeUrl },
  fetch: taggedFetch(senderNumbers(options.id)),
  clock: { now: () => Date.now() + options.aheadMs },
  appUserId: ({ headers }) => {
    const user = headers[userHeader]
    return typeof user === 'string' ? user : null
  }
})
app.get('/whoami', { preHandler: app.miro.requireGrant }, (request) => request.miro.tokenContext())

const url = await app.listen({ host: '127.0.0.1', port: 0 })
process.once('SIGTERM', () => {
  app.close().then(() => { process.disconnect() }, (error: unknown) => { throw error })
})
process.send?.({ url })
