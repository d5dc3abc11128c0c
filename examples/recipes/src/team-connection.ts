import { fastifyMiro, type FastifyMiroOptions, type Grant } from '@miro-oauth/fastify'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** A user of the app, in their organization there. */
export interface Member {
  organizationId: string
  /** Whether they may connect and disconnect Miro for the organization. */
  isAdmin: boolean
}

/**
 * Registers the plugin so that an organization has one connection to Miro: an admin connects, and all members use it.
 *
 * @param options.memberOf who sent the request, by your own sign-in; `null`: nobody is signed in
 */
export async function teamConnection (app: FastifyInstance, { memberOf, ...miro }: Omit<FastifyMiroOptions, 'appUserId' | 'hooks'> & {
  memberOf: (request: FastifyRequest) => Member | null | Promise<Member | null>
}): Promise<void> {
  // Before the plugin, or it does not run for the plugin's routes: login, disconnect, and callback, since an admin may
  // have become a member meanwhile. The plugin itself answers requests of nobody who is signed in.
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.miro?.route === undefined) return
    const member = await memberOf(request)
    if (member === null || member.isAdmin) return
    return reply.code(403).send({ message: 'Only an admin of your organization may connect or disconnect Miro.' })
  })

  await app.register(fastifyMiro, {
    ...miro,
    // A user's id and an organization's could be the same text.
    appUserId: async (request) => organizationOf(await memberOf(request)),
    hooks: {
      async onConnected ({ grant, appUserId }) {
        if (appUserId !== null) await unlinkOlder(app, appUserId, grant)
      }
    }
  })
}

function organizationOf (member: Member | null): string | null {
  return member === null ? null : `organization:${member.organizationId}`
}

/** The newest connection takes the place of those before, which would come back when the newest ends. */
async function unlinkOlder (app: FastifyInstance, organization: string, newest: Grant): Promise<void> {
  for (const { grant } of await app.miro.auth.status(organization)) {
    // By time, so that of two admins who connect at once one stays.
    if (grant.connectedAt < newest.connectedAt) await app.miro.auth.unlink(organization, grant)
  }
}
