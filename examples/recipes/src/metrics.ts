import type { FastifyMiroEvent } from '@miro-oauth/fastify'
import type { FastifyInstance } from 'fastify'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Counts the plugin's events. Pass `onEvent` to the plugin, and the registry to {@link registerMetrics}. */
export function createMetrics (): { onEvent: (event: FastifyMiroEvent) => void, registry: Registry } {
  const registry = new Registry()
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []): Counter<Label> => {
    return new Counter({ name, help, labelNames, registers: [registry] })
  }

  // No label is a grant's fingerprint: each grant would become a time series that never goes away.
  const grants = counter('miro_grants_total', 'Grants connected, connected again and disconnected', ['change'])
  const refreshes = counter('miro_refreshes_total', 'Refreshes by how they ended', ['outcome'])
  const seconds = new Histogram({
    name: 'miro_refresh_seconds',
    help: 'From the request to the stored pair',
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 100],
    registers: [registry]
  })
  const rejected = counter(
    'miro_rejected_total', 'Grants that ended, so that their person must connect again', ['reason']
  )
  const refused = counter('miro_tokens_refused_total', 'Access tokens that the API refused before their time')
  const takenOver = counter('miro_leases_taken_over_total', 'Refreshes that another process had begun and did not finish')
  const delayed = counter('miro_commits_delayed_total', 'New pairs that the store did not take at once')
  const limited = counter('miro_rate_limited_total', 'Times that Miro\'s rate limit held the calls of a grant back')
  const waited = counter('miro_rate_limit_waited_calls_total', 'Calls that waited for it')
  const signIns = counter('miro_sign_ins_total', 'Sign-ins and callbacks that were refused', ['outcome'])
  const sessions = counter('miro_sessions_ended_total', 'Sessions that ended, by why', ['why'])
  const crossSite = counter('miro_cross_site_refused_total', 'Requests that pages of other sites sent')
  const pending = counter('miro_revocations_pending_total', 'Disconnects that Miro did not confirm, to be tried again')
  const breaker = new Gauge({
    name: 'miro_breaker_open',
    help: '1 while refreshes are held back, since the app itself seems to be refused',
    registers: [registry]
  })

  function onEvent (event: FastifyMiroEvent): void {
    switch (event.type) {
      case 'connected': return grants.inc({ change: event.replaced ? 'connected_again' : 'connected' })
      case 'disconnected': return grants.inc({ change: event.revoked ? 'disconnected' : 'disconnected_unconfirmed' })
      case 'revocation_pending': return pending.inc()
      case 'refreshed':
        seconds.observe(event.durationMs / 1000)
        return refreshes.inc({ outcome: event.late ? 'late' : 'ok' })
      case 'refresh_failed': return refreshes.inc({ outcome: event.verdict })
      case 'refresh_dropped': return refreshes.inc({ outcome: `dropped_${event.why}` })
      case 'rejected': return rejected.inc({ reason: event.reason })
      case 'token_refused': return refused.inc()
      case 'lease_taken_over': return takenOver.inc()
      case 'rate_limited': return limited.inc()
      case 'rate_limit_waited': return waited.inc(event.calls)
      case 'commit_delayed': return delayed.inc()
      case 'signed_in': return signIns.inc({ outcome: 'ok' })
      case 'callback_refused': return signIns.inc({ outcome: event.code })
      case 'signed_out': return sessions.inc({ why: 'signed_out' })
      case 'session_ended': return sessions.inc({ why: event.why })
      case 'session_unknown': return sessions.inc({ why: 'unknown' })
      case 'cross_site_refused': return crossSite.inc()
      case 'breaker_opened': return breaker.set(1)
      case 'breaker_closed': return breaker.set(0)
      // A new event that is not counted yet is a compile error here.
      default: event satisfies never
    }
  }

  return { onEvent, registry }
}

/** Serves the metrics at `/metrics`. The route must not be public. */
export function registerMetrics (app: FastifyInstance, registry: Registry): void {
  app.get('/metrics', { logLevel: 'warn' }, async (_request, reply) => {
    return reply.type(registry.contentType).send(await registry.metrics())
  })
}
