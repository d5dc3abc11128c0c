import type { FastifyInstance } from 'fastify'

/**
 * Adds the fingerprint of the request's grant to each log line from the handler on, errors included, in the field that
 * the plugin's own events have: `"grant":"…"`.
 *
 * Use it for routes that use Miro anyway: on other routes it costs a read of the store.
 */
export function logGrants (app: FastifyInstance): void {
  app.addHook('preHandler', async (request, reply) => {
    // A log line is no reason to fail a request: the handler meets the same error when it uses the grant.
    const grant = await request.miro.grant().catch(() => null)
    if (grant === null) return
    request.log = reply.log = request.log.child({ miro: { grant: app.miro.auth.fingerprint(grant) } })
  })
}

/** Returns the fingerprints of all grants that a person is linked to, to search the log for. */
export async function fingerprintsOf (app: FastifyInstance, appUserId: string): Promise<string[]> {
  const { auth } = app.miro
  return (await auth.links(appUserId)).map((link) => auth.fingerprint(link))
}
