import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readAuthorizeDecision, toMembershipValue } from '../oauth/authorize-decision.js'
import { type AuthorizeRequest, readAuthorizeRequest } from '../oauth/authorize-request.js'
import { toCallbackUrl } from '../oauth/callback-url.js'
import type { Membership } from '../seed/directory.js'
import type { Miro } from '../miro.js'
import { isFromElsewhere, type MembershipChoice, sendPage } from '../pages/pages.js'
import { isForm, readBody, readQuery } from '../wire/parameters.js'
import { describeScope } from '../oauth/scope-descriptions.js'

type ValidRequest = Extract<AuthorizeRequest, { kind: 'valid' }>

/**
 * The page on which a person lets the app in. Its form posts back to its own URL, so the query is read again and the
 * page needs no hidden copy of it.
 */
export function registerAuthorize (server: FastifyInstance, miro: Miro): void {
  server.get('/oauth/authorize', (request, reply) => {
    const asked = readAuthorizeRequest(readQuery(request), miro.app)
    if (asked.kind === 'invalid') return sendFailure(reply, asked.message)
    return sendChoices(reply, miro, { asked, problem: null })
  })

  server.post('/oauth/authorize', (request, reply) => {
    const asked = readAuthorizeRequest(readQuery(request), miro.app)
    if (asked.kind === 'invalid') return sendFailure(reply, asked.message)
    if (isFromElsewhere(request)) return sendFailure(reply, 'This form was sent from another site.', 403)
    const decision = readAuthorizeDecision(readForm(request), miro.directory)
    if (decision.kind === 'incomplete') return sendChoices(reply, miro, { asked, problem: decision.message })
    const callback = decision.kind === 'declined' ? toDeclined(asked) : toAuthorized(miro, asked, decision.membership)
    return reply.header('cache-control', 'no-store').redirect(callback, 302)
  })
}

function toAuthorized (miro: Miro, { redirectUri, state }: ValidRequest, { user, team }: Membership): string {
  const { clientId } = miro.app
  const code = miro.state.codes.issue({ clientId, redirectUri, userId: user.id, teamId: team.id }, miro.now())
  return toCallbackUrl(redirectUri, { code, state, client_id: clientId, team_id: team.id })
}

/** Miro does not document its answer to "no"; this is RFC 6749 section 4.1.2.1. */
function toDeclined ({ redirectUri, state }: ValidRequest): string {
  return toCallbackUrl(redirectUri, { error: 'access_denied', error_description: 'The user declined the authorization', state })
}

function readForm (request: FastifyRequest): URLSearchParams {
  return new URLSearchParams(isForm(request) ? readBody(request) : '')
}

function sendFailure (reply: FastifyReply, message: string, status = 400): FastifyReply {
  const title = 'This request cannot be authorized'
  return sendPage(reply, { name: 'failure', title, status, data: { title, message } })
}

interface Choices {
  asked: ValidRequest
  problem: string | null
}

function sendChoices (reply: FastifyReply, miro: Miro, { asked, problem }: Choices): FastifyReply {
  const scopes = miro.app.scopes.map((name) => ({ name, words: describeScope(name) }))
  const choices = toMembershipChoices(miro.directory.memberships(), asked.teamId)
  return sendPage(reply, {
    name: 'authorize',
    title: `Install ${miro.app.name}`,
    status: problem === null ? 200 : 400,
    data: { appName: miro.app.name, scopes, choices, problem, returnsTo: new URL(asked.redirectUri).origin }
  })
}

/** The first person of the team that was asked for is preselected; a team that does not exist changes nothing. */
function toMembershipChoices (memberships: readonly Membership[], teamId: string | null): MembershipChoice[] {
  const preselected = memberships.find(({ team }) => team.id === teamId) ?? memberships[0]
  return memberships.map((membership) => ({
    value: toMembershipValue(membership),
    userName: membership.user.name,
    teamName: membership.team.name,
    initials: toInitials(membership.user.name),
    checked: membership === preselected
  }))
}

function toInitials (name: string): string {
  return name.split(/\s+/).slice(0, 2).map((word) => [...word][0] ?? '').join('')
}
