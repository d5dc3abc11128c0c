import { grantProblem, toTime } from '@miro-oauth/example-shared'
import { NotConnectedError, SessionUnknownError, type GrantStatus, type SignedInBrowser } from '@miro-oauth/fastify'
import type { FastifyInstance } from 'fastify'

const endedBrowser = { type: 'object', required: ['id'], properties: { id: { type: 'string', maxLength: 100 } } }

const requiredScopes = ['boards:read', 'boards:write']

/**
 * How the person's Miro teams stand, with a link that mends what is wrong, and where they are signed in, with a button
 * for each other browser that signs it out.
 */
export async function accountPages (app: FastifyInstance): Promise<void> {
  app.get('/account', { preHandler: app.miro.requireGrant }, async (request, reply) => {
    const grant = await request.miro.grant()
    if (grant === null) throw new NotConnectedError()
    const teams = (await app.miro.auth.status(grant.userId, { requiredScopes })).map((status) => toTeam(status, app))
    const rows = (await request.miro.sessions()).map(toRow)
    return reply.view('account', { title: 'Your account', teams, rows, others: rows.length - 1 })
  })

  // These two are not behind `requireGrant`, as the form for a new board is not.
  app.post<{ Body: { id: string } }>('/account/end', {
    onRequest: app.miro.requireSameOrigin,
    schema: { body: endedBrowser }
  }, async (request, reply) => {
    await request.miro.endSession(request.body.id).catch((error: unknown) => {
      // It has ended in the meantime, which is what the person wants.
      if (!(error instanceof SessionUnknownError)) throw error
    })
    return reply.redirect('/account', 303)
  })

  app.post('/account/end-others', { onRequest: app.miro.requireSameOrigin }, async (request, reply) => {
    await request.miro.endOtherSessions()
    return reply.redirect('/account', 303)
  })
}

function toTeam ({ grant: { teamId, teamName }, ...status }: GrantStatus, app: FastifyInstance) {
  return {
    name: teamName ?? `Team ${teamId}`,
    problem: grantProblem(status),
    againUrl: app.miro.loginUrl({ teamId, returnTo: '/account' })
  }
}

function toRow ({ id, label, signedInAt, lastSeenAt, isCurrent }: SignedInBrowser) {
  return { id, name: label ?? 'A browser', signedIn: toTime(signedInAt), lastSeen: toTime(lastSeenAt), isCurrent }
}
