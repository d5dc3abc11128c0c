import type { GrantEntry, GrantRef, ReauthorizeReason } from '@miro-oauth/core'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import '@miro-oauth/fastify'
import { adminPolicy, renderAdminPage, type AdminView } from './admin-template.js'

export interface AdminPageOptions {
  /** Lets administrators pass, and throws or answers for all others. Every route of the page is behind it. */
  requireAdmin: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
}

type Row = AdminView['rows'][number]

const notices = {
  confirmed: 'Disconnected, here and at Miro.',
  pending: 'Disconnected here. What Miro has not confirmed is tried again by refreshDue.',
  none: 'There was no grant any more.'
}

const listQuery = {
  type: 'object',
  properties: {
    // A cursor of the store, which a person may have changed in the address.
    cursor: { type: 'string', maxLength: 500, pattern: '^[ -~]+$' },
    ended: { enum: Object.keys(notices) }
  }
}
const id = { type: 'string', pattern: '^[\\w-]{1,64}$' }
const grantBody = { type: 'object', required: ['user_id', 'team_id'], properties: { user_id: id, team_id: id } }

/**
 * All grants of the app, page by page, with a button that ends one. Register it in the plugin's scope or below it:
 * `app.register(adminPage, { prefix: '/admin/miro', requireAdmin })`.
 */
export async function adminPage (app: FastifyInstance, { requireAdmin }: AdminPageOptions): Promise<void> {
  const url = app.prefix === '' ? '/' : app.prefix
  const endUrl = `${app.prefix}/disconnect`
  parseForms(app)
  // Refusals are not kept either: after a sign-in a browser would show one from its cache.
  app.addHook('onRequest', async (_request, reply) => { reply.header('cache-control', 'no-store') })
  app.addHook('preHandler', requireAdmin)

  app.get<{ Querystring: { cursor?: string, ended?: keyof typeof notices } }>('/', {
    schema: { querystring: listQuery }
  }, async (request, reply) => {
    const { cursor, ended } = request.query
    const page = await app.miro.auth.allGrants({ limit: 50, cursor })
    reply.header('content-security-policy', adminPolicy).type('text/html; charset=utf-8')
    return renderAdminPage({
      rows: page.grants.map(toRow),
      notice: ended === undefined ? null : notices[ended],
      url,
      endUrl,
      nextUrl: page.cursor === undefined ? null : `${url}?${new URLSearchParams({ cursor: page.cursor })}`,
      isLater: cursor !== undefined
    })
  })

  // For all users of the app who are linked to it. Sessions that act for it are void with it.
  app.post<{ Body: { user_id: string, team_id: string } }>('/disconnect', {
    onRequest: app.miro.requireSameOrigin,
    schema: { body: grantBody }
  }, async (request, reply) => {
    const ref: GrantRef = { userId: request.body.user_id, teamId: request.body.team_id }
    const { ended, revoked } = await app.miro.auth.disconnect(ref)
    const notice: keyof typeof notices = !ended ? 'none' : revoked ? 'confirmed' : 'pending'
    return reply.redirect(`${url}?ended=${notice}`, 303)
  })
}

/** Unless the app has @fastify/formbody already. */
function parseForms (app: FastifyInstance): void {
  const type = 'application/x-www-form-urlencoded'
  if (app.hasContentTypeParser(type)) return
  app.addContentTypeParser(type, { parseAs: 'string', bodyLimit: 10_000 }, async (_request: FastifyRequest, body: string) => {
    return Object.fromEntries(new URLSearchParams(body))
  })
}

/** Names are missing where Miro did not tell them, and all is missing of a record that cannot be read. */
function toRow (entry: GrantEntry): Row {
  const { ref: { userId, teamId }, grant, appUserIds, usedAt } = entry
  return {
    person: grant?.userName ?? userId,
    userId,
    team: grant?.teamName ?? teamId,
    teamId,
    state: stateOf(entry),
    appUsers: appUserIds.join(', '),
    scopes: grant?.scopes.join(' ') ?? '',
    used: usedAt === null ? '' : new Date(usedAt).toISOString().slice(0, 16).replace('T', ' '),
    canEnd: grant !== null
  }
}

const reasons: Record<ReauthorizeReason, string> = {
  refused: 'Miro refused the grant',
  response_lost: 'an answer of Miro was lost',
  unclear: 'Miro refused it and did not say why; it is asked again',
  no_refresh_token: 'the access token is over, and there is no refresh token',
  access_token: 'Miro refused the access token',
  revoked: 'it was ended at Miro'
}

function stateOf ({ state, reason }: GrantEntry): string {
  if (state === 'unreadable') return 'Its record cannot be read: damaged, or encrypted with a key that is missing here'
  if (reason !== null) return `Must connect again: ${reasons[reason]}`
  return state === 'provisional' ? 'Not let in yet' : 'Connected'
}
