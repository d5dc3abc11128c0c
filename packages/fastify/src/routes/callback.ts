import { MiroError, type Connection } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { failureOfFlow, ScopeMissingError, StateUsedError, TeamMismatchError, UserMismatchError } from '../errors.js'
import { decideCallback, parseCallback } from '../flow/callback-decision.js'
import { isStartedBy, type Flow } from '../flow/flow.js'
import type { FlowOutcome, Redemption } from '../flow/spent-flows.js'
import { hasScopes } from '../grants/scopes.js'
import { queryOf } from '../http/query.js'
import { noStoreHeaders } from '../http/response-headers.js'
import type { RouteContext } from './route-context.js'

/** `GET` on the redirect URI's path: ends a flow, stores the grant, and signs its person in or links it to them. */
export async function callback (context: RouteContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { settings: { clientId, clock }, flowCookies, spentFlows, mode, hooks } = context
  reply.headers(noStoreHeaders)
  const parameters = parseCallback(queryOf(request))
  const flow = parameters.state === null ? null : await flowCookies.find(request, parameters.state)
  const decision = decideCallback(parameters, { flow, clientId, now: clock.now() })

  if (decision.kind === 'refused') throw decision.error
  if (decision.kind === 'declined') {
    if (decision.hasFlow) await hooks.run('onDeclined', { request })
    throw decision.error
  }

  const appUserId = await mode.flowUser(request, 'callback')
  if (!isStartedBy(decision.flow, appUserId)) throw new UserMismatchError()
  const redemption = await spentFlows.redeem(decision.flow.state)
  if (redemption.kind === 'repeated') return reply.redirect(targetOfRepeat(context, { request, flow: decision.flow, redemption }), 303)
  let outcome: FlowOutcome = { kind: 'failed', code: 'MIRO_UNAVAILABLE' }
  try {
    const connection = await connect(context, decision.code, parameters.teamId)
    outcome = await mode.completeSignIn({ request, reply, connection, appUserId })
    await hooks.run('onConnected', { request, grant: connection.grant, appUserId: appUserId ?? connection.grant.userId })
  } catch (error) {
    if (error instanceof MiroError) outcome = { kind: 'failed', code: error.code }
    throw error
  } finally {
    await redemption.finish(outcome).catch((error: unknown) => request.log.warn({ err: error }, 'the end of a Miro sign-in was not noted'))
  }
  // A host's `handlerTimeout` may have answered meanwhile; answering twice would have the address logged.
  return reply.sent ? reply : reply.redirect(decision.flow.returnTo, 303)
}

/** @throws {StateUsedError} the first hit ended otherwise, or this browser does not have what it was given */
function targetOfRepeat ({ settings, mode }: RouteContext, { request, flow, redemption: { outcome, waited } }: {
  request: FastifyRequest
  flow: Flow
  redemption: Extract<Redemption, { kind: 'repeated' }>
}): string {
  if (outcome !== null && mode.isSameBrowser(request, outcome)) return flow.returnTo
  // Sent before the first was answered, so only a further hit can tell: a browser whose person pressed twice gave up the
  // first and has no session, and would arrive signed out.
  if (outcome?.kind === 'signed-in' && waited) return `${settings.redirectUri}?${queryOf(request).toString()}`
  // A reload says what happened to the sign-in, and not only that it is over.
  throw (outcome?.kind === 'failed' ? failureOfFlow(outcome.code) : null) ?? new StateUsedError()
}

/** Exchange, commit, and only then the checks: the grant exists at Miro whatever they say. */
async function connect ({ settings, auth }: RouteContext, code: string, teamId: string | null): Promise<Connection> {
  const { redirectUri, requiredScopes } = settings
  const connection = await auth.exchange(code, { redirectUri })
  if (teamId !== null && teamId !== connection.grant.teamId) throw new TeamMismatchError()
  if (!hasScopes(connection, requiredScopes)) throw new ScopeMissingError()
  const grant = await auth.fetchNames(connection.grant).catch(() => null)
  return { ...connection, grant: grant ?? connection.grant }
}
