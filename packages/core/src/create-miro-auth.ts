import { adoptTokens } from './connect/adopt.js'
import { connectGrant, type Connection } from './connect/connect.js'
import { disconnectGrant } from './connect/disconnect.js'
import { exchangeCode, requireCodeVerifier } from './connect/exchange-code.js'
import { fetchNames } from './connect/fetch-names.js'
import { forgetAppUser, forgetGrant } from './connect/forget.js'
import { markReported } from './connect/mark-reported.js'
import { unlinkGrant } from './connect/unlink.js'
import { EventSink } from './events.js'
import { fingerprintUnder, secretIdOf } from './grant/fingerprint.js'
import { toGrant } from './grant/grant-record.js'
import { GrantTable } from './grant/grant-table.js'
import { linkGrant } from './grant/linking.js'
import { Links } from './grant/links.js'
import { requireId, requireRef } from './grant/require-ref.js'
import { Snapshot } from './grant/snapshot.js'
import { verifyIdToken } from './id-token/verify-id-token.js'
import type { FoundGrant, MiroAuth } from './miro-auth.js'
import { requireText } from './option-checks.js'
import { toSettings, type MiroAuthOptions, type MiroAuthSettings } from './options.js'
import { AccessTokens } from './refresh/access-tokens.js'
import { applyResult, type ApplyResult } from './refresh/apply-result.js'
import { ClientHealth } from './refresh/client-health.js'
import type { RefreshContext } from './refresh/refresh-context.js'
import { toRefreshDueSettings } from './refresh/refresh-due-options.js'
import { refreshDue } from './refresh/refresh-due.js'
import { Refresher } from './refresh/refresher.js'
import { SingleFlight } from './refresh/single-flight.js'
import { leaseToRequestMs } from './refresh/timing.js'
import { UnsavedPairs } from './refresh/unsaved-pairs.js'
import { createMiroClient, type MiroClient } from './rest/client.js'
import { lazyTokens, type TokenSource } from './rest/token-source.js'
import type { RevocationStore } from './revoke/pending-revocation.js'
import { RevocationSeal } from './revoke/revocation-seal.js'
import { Revocations } from './revoke/revocations.js'
import { Shutdown } from './shutdown.js'
import { checkStore } from './store/check-store.js'
import { guardedStore } from './store/guarded-store.js'
import type { Store } from './store/store.js'
import { OAuthEndpoints } from './wire/oauth-endpoints.js'

/**
 * Makes the core of an app that acts in Miro for its users.
 *
 * @throws {ConfigError} a wrong option, by name
 */
export function createMiroAuth (options: MiroAuthOptions): MiroAuth {
  const settings = toSettings(options)
  return assemble(settings, { applyResult, seal: new RevocationSeal(settings.clientSecret) })
}

/** The parts that tests replace: the rule about results, to show what a wrong one does, and what takes real time. */
interface ReplaceableParts {
  applyResult: ApplyResult
  seal: RevocationStore['seal']
}

/** Puts the parts together. */
export function assemble (settings: MiroAuthSettings, replaceable: ReplaceableParts): MiroAuth {
  const { clientId, clock, limits } = settings
  const store = guardedStore(settings.store, { clock, ms: leaseToRequestMs(limits) })
  const fingerprint = fingerprintUnder(settings)
  const context = createContext(settings, {
    ...replaceable, store, events: new EventSink(settings.onEvent, fingerprint)
  })
  const { table, links, unsaved, events, shutdown } = context
  const refresher = new Refresher(context)
  const parts = { context, refresher, confirming: new SingleFlight<void>(shutdown) }

  async function link (appUserId: string, { grant, consentId }: Pick<Connection, 'grant' | 'consentId'>): Promise<boolean> {
    return shutdown.track(linkGrant(context, requireId('appUserId', appUserId), { ...requireRef(grant), consentId }))
  }

  async function finish (connecting: Promise<Connection>, appUserId: string | undefined): Promise<Connection> {
    const connection = await connecting
    unsaved.drop(connection.grant)
    events.emitFor(connection.grant, { type: 'connected', replaced: connection.replaced })
    if (appUserId !== undefined) await link(appUserId, connection)
    return connection
  }

  function tokensOf ({ ref, consentId, snapshot }: FoundGrant): TokenSource {
    return new AccessTokens(parts, ref, { consentId, stored: Snapshot.storedIn(snapshot) })
  }

  function clientOver (tokens: TokenSource): MiroClient {
    const { apiUrl, fetch, apiLimits } = settings
    return createMiroClient({ apiUrl, fetch, clock, limits: apiLimits, tokens })
  }

  return {
    store,
    link,
    links: async (appUserId) => links.list(requireId('appUserId', appUserId)),

    async connect (tokenAnswer, { appUserId, sentAt = clock.now() } = {}) {
      if (appUserId !== undefined) requireId('appUserId', appUserId)
      return shutdown.track(finish(connectGrant(context, tokenAnswer, { sentAt, appUserId }), appUserId))
    },

    async exchange (code, { redirectUri, appUserId, codeVerifier }) {
      if (appUserId !== undefined) requireId('appUserId', appUserId)
      requireId('code', code)
      requireText('redirectUri', redirectUri)
      if (codeVerifier !== undefined) requireCodeVerifier(codeVerifier)
      const connecting = exchangeCode(context, { code, redirectUri, codeVerifier })
        .then(({ answer, sentAt }) => connectGrant(context, answer, { sentAt, appUserId }))
      return shutdown.track(finish(connecting, appUserId))
    },

    async adopt (tokens) {
      if (tokens.appUserId !== undefined) requireId('appUserId', tokens.appUserId)
      return shutdown.track(finish(adoptTokens(context, tokens), tokens.appUserId))
    },

    async grants (appUserId) {
      const found = await Promise.all((await links.list(requireId('appUserId', appUserId))).map(async ({ consentId, ...ref }) => {
        const { record } = await table.read(ref)
        return record?.status === 'active' && record.consentId === consentId ? [toGrant(record)] : []
      }))
      return found.flat()
    },

    async snapshot (ref) {
      const stored = await table.read(requireRef(ref))
      return new Snapshot(stored, { now: clock.now(), reason: refresher.reauthorizeReason(stored) })
    },

    accessToken: async (ref, { signal } = {}) => new AccessTokens(parts, requireRef(ref)).accessToken(signal),

    client: (ref, conditions) => clientOver(tokensOf({ ref: requireRef(ref), ...conditions })),

    lazyClient: (find, onReauthorize = async () => {}) => clientOver(lazyTokens(find, tokensOf, onReauthorize)),

    fetchNames: async (ref) => shutdown.track(fetchNames(context, requireRef(ref))),

    markReported: async (ref) => shutdown.track(markReported(context, requireRef(ref))),

    verifyIdToken: async (token) => {
      return verifyIdToken(token, { clientId, secrets: settings.clientSecrets, now: clock.now() })
    },

    disconnect: async (ref, conditions) => shutdown.track(disconnectGrant(context, requireRef(ref), conditions)),

    unlink: async (appUserId, ref, conditions) => {
      return shutdown.track(unlinkGrant(context, requireId('appUserId', appUserId), requireRef(ref), conditions))
    },

    forget: async (appUserId) => shutdown.track(forgetAppUser(context, requireId('appUserId', appUserId))),

    forgetGrant: async (ref) => shutdown.track(forgetGrant(context, requireRef(ref))),

    refreshDue: async (options) => shutdown.track(refreshDue(parts, toRefreshDueSettings(options))),

    fingerprint: (ref) => fingerprint(requireRef(ref)),

    check: () => shutdown.track(checkStore(store, clientId)),

    close: () => shutdown.close(clock, limits.requestMs)
  }
}

function createContext (settings: MiroAuthSettings, { store, events, applyResult, seal }: ReplaceableParts & {
  store: Store
  events: EventSink
}): RefreshContext {
  const { clientId, fetch, clock, limits } = settings
  const table = new GrantTable({ store, clock, clientId, leaseMs: limits.leaseMs })
  const endpoint = new OAuthEndpoints(settings, { fetch, clock, timeoutMs: limits.requestMs })
  const health = new ClientHealth(clock, (isRefused) => events.emit({ type: isRefused ? 'breaker_opened' : 'breaker_closed' }))
  return {
    clientId,
    secretId: secretIdOf(settings),
    table,
    links: new Links(store, clientId),
    endpoint,
    unsaved: new UnsavedPairs(),
    revocations: new Revocations({
      store,
      clock,
      clientId,
      seal,
      table,
      endpoint,
      events,
      leaseMs: limits.leaseMs,
      freshMs: leaseToRequestMs(limits),
      app: health
    }),
    health,
    events,
    clock,
    limits,
    shutdown: new Shutdown(),
    applyResult
  }
}
