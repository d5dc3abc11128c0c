import type { FastifyInstance } from 'fastify'

/**
 * Puts the fingerprint of the request's grant into every line that is logged from there on, its errors included, as the
 * plugin's own events have it: `"grant":"…"`. For routes that use Miro anyway; elsewhere it would cost a look at the store.
 */
export function logGrants (app: FastifyInstance): void {
  app.addHook('preHandler', async (request, reply) => {
    // A log line is no reason to refuse a request: what is wrong here, the handler will find.
    const grant = await request.miro.grant().catch(() => null)
    if (grant === null) return
    request.log = reply.log = request.log.child({ miro: { grant: app.miro.auth.fingerprint(grant) } })
  })
}

/** What to look for in the log: the fingerprints of everything a person ever connected. */
export async function fingerprintsOf (app: FastifyInstance, appUserId: string): Promise<string[]> {
  const { auth } = app.miro
  return (await auth.links(appUserId)).map((link) => auth.fingerprint(link))
}
