import { adoptTokens } from './connect/adopt.js'
import { connectGrant, type Connection } from './connect/connect.js'
import { disconnectGrant } from './connect/disconnect.js'
import { fetchNames } from './connect/fetch-names.js'
import { EventSink } from './events.js'
import { toGrant } from './grant/grant-record.js'
import { GrantTable } from './grant/grant-table.js'
import { Links } from './grant/links.js'
import { Snapshot } from './grant/snapshot.js'
import { Shutdown } from './shutdown.js'
import type { FoundGrant, MiroAuth } from './miro-auth.js'
import { toSettings, type MiroAuthOptions, type MiroAuthSettings } from './options.js'
import { Breaker } from './refresh/breaker.js'
import { Flights } from './refresh/flights.js'
import { grantTokens } from './refresh/grant-tokens.js'
import { leaseToRequestMs } from './refresh/limits.js'
import { refreshDue } from './refresh/refresh-due.js'
import { toRefreshDueSettings } from './refresh/refresh-due-options.js'
import { Refresher } from './refresh/refresher.js'
import { SecretProof } from './refresh/secret-proof.js'
import { settle, type Settle } from './refresh/settlement.js'
import { createMiroClient, type MiroClient } from './rest/client.js'
import { lazyTokens, type TokenSource } from './rest/token-source.js'
import { guardedStore } from './store/guarded-store.js'
import { OAuthEndpoints } from './wire/oauth-endpoints.js'

/**
 * Makes the core of an app that acts in Miro for its users.
 *
 * @throws {ConfigError} a wrong option, by name
 */
export function createMiroAuth (options: MiroAuthOptions): MiroAuth {
  return assemble(toSettings(options), settle)
}

/** Puts the parts together. The commit rule is handed in, so that the tests can show what a wrong one does. */
export function assemble (settings: MiroAuthSettings, settle: Settle): MiroAuth {
  const { clientId, clock, limits } = settings
  const shutdown = new Shutdown()
  const store = guardedStore(settings.store, { clock, ms: leaseToRequestMs(limits) })
  const table = new GrantTable({ store, clock, clientId })
  const links = new Links(store, clientId)
  const events = new EventSink(settings.onEvent, settings)
  const breaker = new Breaker((isOpen) => events.emit({ type: isOpen ? 'breaker_opened' : 'breaker_closed' }))
  const proof = new SecretProof(clock)
  const endpoint = new OAuthEndpoints(settings, { fetch: settings.fetch, clock, timeoutMs: limits.requestMs })
  const refresher = new Refresher({ table, endpoint, breaker, proof, events, clock, limits, shutdown, settle })
  const parts = { table, refresher, breaker, proof, endpoint, events, clock, limits, shutdown, clientId, confirming: new Flights<void>(shutdown) }

  const link: MiroAuth['link'] = (appUserId, { grant: { userId, teamId }, consentId }) => shutdown.track(links.add(appUserId, { userId, teamId, consentId }))

  async function finish (connecting: Promise<Connection>, appUserId: string | undefined): Promise<Connection> {
    const connection = await connecting
    refresher.forget(connection.grant)
    events.emit({ type: 'connected', grant: events.fingerprint(connection.grant), replaced: connection.replaced })
    if (appUserId !== undefined) await link(appUserId, connection)
    return connection
  }

  function tokensOf ({ ref, consentId, snapshot }: FoundGrant): TokenSource {
    return grantTokens(parts, ref, { consentId, stored: Snapshot.storedIn(snapshot) })
  }

  function clientOver (tokens: TokenSource): MiroClient {
    return createMiroClient({ apiUrl: settings.apiUrl, fetch: settings.fetch, clock, tokens })
  }

  return {
    store,
    link,
    links: (appUserId) => links.list(appUserId),

    async connect (tokenAnswer, { appUserId, sentAt = clock.now() } = {}) {
      return shutdown.track(finish(connectGrant(parts, tokenAnswer, sentAt), appUserId))
    },

    adopt: async (tokens) => shutdown.track(finish(adoptTokens(parts, tokens), tokens.appUserId)),

    async grants (appUserId) {
      const found = await Promise.all((await links.list(appUserId)).map(async ({ consentId, ...ref }) => {
        const { record } = await table.read(ref)
        return record?.status === 'active' && record.consentId === consentId ? [toGrant(record)] : []
      }))
      return found.flat()
    },

    snapshot: async (ref) => new Snapshot(await table.read(ref), clock.now()),

    accessToken: (ref, { signal } = {}) => grantTokens(parts, ref).accessToken(signal),

    client: (ref, conditions) => clientOver(tokensOf({ ref, ...conditions })),

    lazyClient: (find, onReauthorize = async () => {}) => clientOver(lazyTokens(find, tokensOf, onReauthorize)),

    fetchNames: (ref) => shutdown.track(fetchNames(parts, ref)),

    disconnect: (ref, conditions) => shutdown.track(disconnectGrant(parts, ref, conditions)),

    refreshDue: async (options) => shutdown.track(refreshDue(parts, toRefreshDueSettings(options))),

    fingerprint: (ref) => events.fingerprint(ref),

    close: () => shutdown.close(clock, limits.requestMs)
  }
}
