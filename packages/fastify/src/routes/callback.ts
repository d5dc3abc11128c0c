import type { GrantRef } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { failureOfFlow, StateUsedError, UserMismatchError } from '../errors.js'
import { decideCallback, parseCallback, type CallbackParameters } from '../flow/callback-decision.js'
import { isStartedBy, type Flow } from '../flow/flow.js'
import type { RepeatedRedemption } from '../flow/spent-flows.js'
import { clientAddress } from '../http/client-address.js'
import { queryOf } from '../http/query.js'
import { keepOpener } from '../http/response-headers.js'
import { completeFlow } from './complete-flow.js'
import { tellAgain } from './failure-page.js'
import type { RouteContext, RouteHandler } from './route-context.js'
import { urlOfEnd } from './url-of-end.js'

/**
 * `GET` on the redirect URI's path: completes a flow, stores the grant, and signs its Miro user in or links it to the
 * app user.
 *
 * @see RFC 6749, sections 4.1.2 and 4.1.2.1
 */
export const callback: RouteHandler = async (context, request, reply) => {
  const query = queryOf(request)
  const told = await tellAgain(context, { request, reply, route: 'callback' })
  if (told !== null) return told
  const parameters = parseCallback(query)
  const { code, flow } = await requireExchange(context, request, parameters)
  const appUserId = await context.mode.flowUser(request, 'callback')
  if (!isStartedBy(flow, appUserId)) throw new UserMismatchError()
  // Before the flow is spent, so that its person may try again.
  context.codeExchanges.requireRoom(clientAddress(request))
  const redemption = await context.spentFlows.redeem(flow.state, parameters.teamId)
  const { teamId } = parameters
  if (redemption.kind === 'repeated') return answerRepeat(context, { request, reply, flow, redemption, teamId })
  const { grant } = await completeFlow(context, { request, reply, code, flow, teamId, appUserId, redemption })
  // A host's `handlerTimeout` may have answered meanwhile. A second answer would make Fastify log the URL, code and
  // state included.
  const answer = reply.sent ? reply : endFlow(context, { request, reply, flow, ref: grant })
  // Last, so that the redirect is written before the work of another request to Miro.
  context.names.askOnce(grant)
  return answer
}

async function endFlow (context: RouteContext, { request, reply, flow, ref }: {
  request: FastifyRequest, reply: FastifyReply, flow: Flow, ref: GrantRef
}): Promise<FastifyReply> {
  if (flow.end.kind === 'window') return endConnect(context, { request, reply, flow, ref })
  context.resultCookie.clear(request, reply)
  return reply.redirect(flow.end.url, 303)
}

async function endConnect ({ resultCookie, settings }: RouteContext, { request, reply, flow, ref }: {
  request: FastifyRequest, reply: FastifyReply, flow: Flow, ref: GrantRef
}): Promise<FastifyReply> {
  await resultCookie.keep(request, reply, { kind: 'connected', ref })
  return reply.headers(keepOpener).redirect(urlOfEnd(settings, flow.end), 303)
}

/**
 * The code to exchange, and its flow. Throws the error of any other callback, once the hook for a declined one has run.
 */
async function requireExchange (
  { settings, flowCookies, hooks }: RouteContext, request: FastifyRequest, parameters: CallbackParameters
): Promise<{ code: string, flow: Flow }> {
  const { clientId, clock } = settings
  const flow = parameters.state === null ? null : await flowCookies.find(request, parameters.state)
  const decision = decideCallback(parameters, { flow, clientId, now: clock.now() })
  if (decision.kind === 'exchange') return decision
  if (decision.kind === 'declined' && decision.hasFlow) await hooks.run('onDeclined', { request })
  throw decision.error
}

/** @throws {StateUsedError} the first callback failed, or this browser does not have the session that it began */
async function answerRepeat (context: RouteContext, { request, reply, flow, redemption, teamId }: {
  request: FastifyRequest
  reply: FastifyReply
  flow: Flow
  redemption: RepeatedRedemption
  /** The team that this callback names. */
  teamId: string | null
}): Promise<FastifyReply> {
  const { settings, mode } = context
  const { outcome, waited } = redemption
  if (isOtherTeam(teamId, redemption)) return beginAgain(context, reply, flow)
  // The cookie of a panel's flow is enough to be told how the flow ended.
  if (outcome?.kind === 'linked' && flow.end.kind === 'window') return endConnect(context, { request, reply, flow, ref: outcome.ref })
  if (outcome !== null && mode.isSameBrowser(request, outcome)) return reply.redirect(urlOfEnd(settings, flow.end), 303)
  // This callback was sent before the first was answered, so its cookies do not tell whether the browser took the
  // answer. Sent once more, it brings the session's cookie if the browser has it: after a double click the browser
  // drops the first answer, and would be signed out wherever it went.
  if (outcome?.kind === 'signed-in' && waited) return reply.redirect(`${settings.redirectUri}?${queryOf(request).toString()}`, 303)
  // A reload says what happened to the sign-in, and not only that it is over.
  throw (outcome?.kind === 'failed' ? failureOfFlow(outcome.code) : null) ?? new StateUsedError()
}

/**
 * Whether the person went back to Miro's page and chose another team there than for the first callback. A double click
 * sends two codes of one team.
 */
function isOtherTeam (teamId: string | null, first: RepeatedRedemption): boolean {
  return teamId !== null && first.teamId !== null && teamId !== first.teamId
}

/**
 * The flow is spent, and so is its state: the team that was chosen now needs another flow. Else the person would stay
 * in the first team without a word. Like every answer to a callback, this one repeats nothing of its query.
 */
async function beginAgain (
  { settings: { origin }, loginUrl, connectUrl }: RouteContext, reply: FastifyReply, { end }: Flow
): Promise<FastifyReply> {
  if (end.kind === 'page') return reply.redirect(origin + loginUrl({ returnTo: end.url }), 303)
  return reply.headers(keepOpener).redirect(origin + connectUrl({ teamId: end.teamId ?? undefined }), 303)
}
