import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { findPreselected, readAuthorizeDecision, toMembershipValue } from '../oauth/authorize-decision.js'
import { authorizePaths, type AuthorizeRequest, readAuthorizeRequest } from '../oauth/authorize-request.js'
import { toCallbackUrl } from '../oauth/callback-url.js'
import type { Membership } from '../seed/directory.js'
import type { Miro } from '../miro.js'
import { isCrossSite, type MembershipChoice, sendPage } from '../pages/pages.js'
import { isForm, readBody, readQuery } from '../wire/parameters.js'
import { describeScope } from '../oauth/scope-descriptions.js'

type ValidRequest = Extract<AuthorizeRequest, { kind: 'valid' }>

/**
 * The authorize page. Its form posts to the page's own URL, so that the query is read again and needs no hidden copy in
 * the page.
 */
export function registerAuthorize (server: FastifyInstance, miro: Miro): void {
  for (const path of authorizePaths) {
    server.get(path, (request, reply) => {
      const authorize = readAuthorizeRequest(readQuery(request), miro.app, miro.settings.pkce)
      if (authorize.kind === 'invalid') return sendFailure(reply, miro, authorize.message)
      return sendChoices(reply, miro, { authorize, problem: null })
    })
    server.post(path, (request, reply) => decide(miro, request, reply))
  }
}

function decide (miro: Miro, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const authorize = readAuthorizeRequest(readQuery(request), miro.app, miro.settings.pkce)
  if (authorize.kind === 'invalid') return sendFailure(reply, miro, authorize.message)
  if (isCrossSite(request)) return sendFailure(reply, miro, 'This form was sent from another site.', 403)
  const decision = readAuthorizeDecision(readForm(request), miro.directory)
  if (decision.kind === 'incomplete') return sendChoices(reply, miro, { authorize, problem: decision.message })
  const isDeclined = decision.kind === 'declined'
  const callback = isDeclined ? toDeclined(authorize) : toAuthorized(miro, authorize, decision.membership)
  return reply.header('cache-control', 'no-store').redirect(callback, 302)
}

function toAuthorized (miro: Miro, request: ValidRequest, { user, team }: Membership): string {
  const { redirectUri, state, codeChallenge } = request
  const { clientId } = miro.app
  const grant = { clientId, redirectUri, userId: user.id, teamId: team.id, codeChallenge }
  const code = miro.state.codes.issue(grant, miro.now())
  return toCallbackUrl(redirectUri, { code, state, client_id: clientId, team_id: team.id })
}

/** Miro does not document its answer to a declined authorization; this is RFC 6749 section 4.1.2.1. */
function toDeclined ({ redirectUri, state }: ValidRequest): string {
  const description = 'The user declined the authorization'
  return toCallbackUrl(redirectUri, { error: 'access_denied', error_description: description, state })
}

function readForm (request: FastifyRequest): URLSearchParams {
  return new URLSearchParams(isForm(request) ? readBody(request) : '')
}

function sendFailure (reply: FastifyReply, miro: Miro, message: string, status = 400): FastifyReply {
  const title = 'This request cannot be authorized'
  return sendPage(reply, { name: 'failure', title, status, data: { title, message }, traits: { cutsOpener: cutsOpener(miro) } })
}

function cutsOpener ({ settings }: Miro): boolean {
  return settings.authorizeOpener === 'cut'
}

interface Choices {
  authorize: ValidRequest
  problem: string | null
}

function sendChoices (reply: FastifyReply, miro: Miro, { authorize, problem }: Choices): FastifyReply {
  const scopes = miro.app.scopes.map((name) => ({ name, description: describeScope(name) }))
  const choices = toMembershipChoices(miro.directory.memberships(), authorize)
  return sendPage(reply, {
    name: 'authorize',
    title: `Install ${miro.app.name}`,
    status: problem === null ? 200 : 400,
    data: { appName: miro.app.name, scopes, choices, problem, returnsTo: new URL(authorize.redirectUri).origin },
    traits: { formLeadsAnywhere: true, cutsOpener: cutsOpener(miro) }
  })
}

function toMembershipChoices (memberships: readonly Membership[], authorize: ValidRequest): MembershipChoice[] {
  const preselected = findPreselected(memberships, authorize)
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
