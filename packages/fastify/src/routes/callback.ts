import type { Connection } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ScopeMissingError, StateUsedError, TeamMismatchError, UserMismatchError } from '../errors.js'
import { exchangeCode } from '../exchange.js'
import { callbackStep, parseCallback } from '../flow/callback-parameters.js'
import type { Flow } from '../flow/flow-seal.js'
import { isOwner } from '../flow/flows.js'
import type { FlowEnd, Spending } from '../flow/spent-flows.js'
import { hasScopes } from '../request/grant-client.js'
import { queryOf } from '../request/query.js'
import type { RouteContext } from './context.js'
import { quietHeaders } from './failure.js'

/** `GET` on the redirect URI's path: ends a flow, stores the grant, and signs its person in or links it to them. */
export async function callback (context: RouteContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { settings: { clientId, clock }, flows, spentFlows, mode, hooks } = context
  reply.headers(quietHeaders)
  const parameters = parseCallback(queryOf(request))
  const flow = parameters.state === null ? null : await flows.find(request, parameters.state)
  const step = callbackStep(parameters, { flow, clientId, now: clock.now() })

  if (step.step === 'refuse') throw step.error
  if (step.step === 'declined') {
    if (step.ours) await hooks.run('onDeclined', { request })
    throw step.error
  }

  const owner = await mode.flowOwner(request)
  if (!isOwner(step.flow, owner)) throw new UserMismatchError()
  const spending = await spentFlows.spend(step.flow.state)
  if (!spending.first) return reply.redirect(whereTheFirstWent(context, { request, flow: step.flow, spending }), 303)
  let end: FlowEnd = { outcome: 'ended' }
  try {
    const connection = await connect(context, step.code, parameters.teamId)
    end = await mode.arrive({ request, reply, connection, owner })
    await hooks.run('onConnected', { request, grant: connection.grant, appUserId: owner ?? connection.grant.userId })
  } finally {
    await spending.finish(end).catch((error: unknown) => request.log.warn({ err: error }, 'the end of a Miro sign-in was not noted'))
  }
  // A host's `handlerTimeout` may have answered meanwhile; answering twice would have the address logged.
  return reply.sent ? reply : reply.redirect(step.flow.returnTo, 303)
}

/** @throws {StateUsedError} the first hit ended otherwise, or this browser does not have what it was given */
function whereTheFirstWent ({ settings, mode }: RouteContext, { request, flow, spending: { end, waited } }: {
  request: FastifyRequest
  flow: Flow
  spending: Extract<Spending, { first: false }>
}): string {
  if (end !== null && mode.isFollower(request, end)) return flow.returnTo
  // Sent before the first was answered, so only a further hit can tell: a browser whose person pressed twice gave up the
  // first and has no session, and would arrive signed out.
  if (end?.outcome === 'signed-in' && waited) return `${settings.redirectUri}?${queryOf(request).toString()}`
  throw new StateUsedError()
}

/** Exchange, commit, and only then the checks: the grant exists at Miro whatever they say. */
async function connect ({ settings, auth, oauth2 }: RouteContext, code: string, teamId: string | null): Promise<Connection> {
  const { clock, redirectUri, requiredScopes } = settings
  const sentAt = clock.now()
  const connection = await auth.connect(await exchangeCode({ oauth2, clock }, { code, redirectUri }), { sentAt })
  if (teamId !== null && teamId !== connection.grant.teamId) throw new TeamMismatchError()
  if (!hasScopes(connection, requiredScopes)) throw new ScopeMissingError()
  const grant = await auth.fetchNames(connection.grant).catch(() => null)
  return { ...connection, grant: grant ?? connection.grant }
}
