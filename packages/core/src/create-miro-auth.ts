import { CallDeadlines } from './call-deadlines.js'
import { fetchNames } from './connect/fetch-names.js'
import { toAuthorizeUrl } from './connect/authorize-url.js'
import { markReported } from './connect/mark-reported.js'
import { microtasksAtOnce } from './deadline.js'
import { UnavailableError } from './errors.js'
import { EventSink } from './events.js'
import { fingerprintUnder, secretIdOf } from './grant/fingerprint.js'
import { GrantTable } from './grant/grant-table.js'
import { Links } from './grant/links.js'
import { requireRef } from './grant/require-ref.js'
import { verifyIdToken } from './id-token/verify-id-token.js'
import { clientMembers, connectMembers, endMembers, readMembers } from './miro-auth-members.js'
import type { MiroAuth } from './miro-auth.js'
import { toSettings, type MiroAuthOptions, type MiroAuthSettings } from './options.js'
import { applyResult, type ApplyResult } from './refresh/apply-result.js'
import { ClientHealth } from './refresh/client-health.js'
import type { RefreshContext } from './refresh/refresh-context.js'
import { toRefreshDueSettings } from './refresh/refresh-due-options.js'
import { refreshDue } from './refresh/refresh-due.js'
import { Refresher } from './refresh/refresher.js'
import { SharedWalks } from './refresh/shared-walk.js'
import { SingleFlight } from './refresh/single-flight.js'
import { leaseToRequestMs } from './refresh/timing.js'
import { UnsavedPairs } from './refresh/unsaved-pairs.js'
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
  return assemble(settings, { applyResult, seal: new RevocationSeal(settings.clientSecrets) })
}

/** The parts that tests replace: the rule about results, to show what a wrong one does, and what takes real time. */
interface ReplaceableParts {
  applyResult: ApplyResult
  seal: RevocationStore['seal']
}

/** Puts the parts together. */
export function assemble (settings: MiroAuthSettings, replaceable: ReplaceableParts): MiroAuth {
  const { clientId, clientSecrets, clock, limits } = settings
  const store = guardedStore(settings.store, { clock, ms: leaseToRequestMs(limits) })
  const fingerprint = fingerprintUnder(settings)
  const context = createContext(settings, {
    ...replaceable, store, events: new EventSink(settings.onEvent, fingerprint)
  })
  const { shutdown } = context
  const refresher = new Refresher(context)
  const late = (): UnavailableError => new UnavailableError()
  const toFailure = (error: unknown): unknown => error
  const deadlines = new CallDeadlines({ clock, ms: limits.callerMs, late, toFailure, microtasksAtOnce })
  const parts = { context, refresher, deadlines, confirming: new SingleFlight<void>(shutdown) }

  return {
    store,
    authorizeUrl: (request) => toAuthorizeUrl(settings.authorizeUrl, { clientId, request }),
    ...connectMembers(context),
    ...readMembers(context, refresher),
    ...clientMembers(parts, settings),
    ...endMembers(context),
    fetchNames: async (ref) => shutdown.track(fetchNames(context, requireRef(ref))),
    markReported: async (ref) => shutdown.track(markReported(context, requireRef(ref))),
    refreshDue: async (options) => shutdown.track(refreshDue(parts, toRefreshDueSettings(options))),
    verifyIdToken: async (token) => verifyIdToken(token, { clientId, secrets: clientSecrets, now: clock.now() }),
    fingerprint: (ref) => fingerprint(requireRef(ref)),
    check: () => shutdown.track(checkStore(store, clientId, clock)),
    drained: () => shutdown.drained(clock, limits.requestMs),
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
    walks: new SharedWalks({ store, clock, clientId, table }),
    health,
    events,
    clock,
    limits,
    shutdown: new Shutdown(),
    applyResult
  }
}
