import type { Connection } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { StateUsedError, TeamMismatchError } from '../errors.js'
import { exchangeCode } from '../exchange.js'
import { callbackStep, parseCallback } from '../flow/callback-parameters.js'
import type { Flow } from '../flow/flow-seal.js'
import type { FlowEnd, Spending } from '../flow/spent-flows.js'
import { queryOf } from '../request/query.js'
import type { RouteContext } from './context.js'
import { quietHeaders } from './failure.js'

/** `GET` on the redirect URI's path: ends a flow, stores the grant and begins a session. */
export async function callback (context: RouteContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { settings: { clientId, clock }, flows, spentFlows, hooks } = context
  reply.headers(quietHeaders)
  const parameters = parseCallback(queryOf(request))
  const flow = parameters.state === null ? null : await flows.find(request, parameters.state)
  const step = callbackStep(parameters, { flow, clientId, now: clock.now() })

  if (step.step === 'refuse') throw step.error
  if (step.step === 'declined') {
    if (step.ours) await hooks.run('onDeclined', { request })
    throw step.error
  }

  const spending = await spentFlows.spend(step.flow.state)
  if (!spending.first) return goWhereTheFirstWent(context, { request, reply, flow: step.flow, spending })
  let end: FlowEnd = { outcome: 'ended' }
  try {
    const connection = await connect(context, step.code, parameters.teamId)
    end = { outcome: 'signed-in', sessionKey: await signIn(context, { request, reply, connection }) }
    await hooks.run('onConnected', { request, grant: connection.grant })
  } finally {
    await spending.finish(end).catch((error: unknown) => request.log.warn({ err: error }, 'the end of a Miro sign-in was not noted'))
  }
  // A host's `handlerTimeout` may have answered meanwhile; answering twice would have the address logged.
  return reply.sent ? reply : reply.redirect(step.flow.returnTo, 303)
}

/** Exchange, commit, and only then the checks: the grant exists at Miro whatever they say. */
async function connect ({ settings, auth, oauth2 }: RouteContext, code: string, teamId: string | null): Promise<Connection> {
  const { clock, redirectUri } = settings
  const sentAt = clock.now()
  const connection = await auth.connect(await exchangeCode({ oauth2, clock }, { code, redirectUri }), { sentAt })
  if (teamId !== null && teamId !== connection.grant.teamId) throw new TeamMismatchError()
  const grant = await auth.learnNames(connection.grant).catch(() => null)
  return { ...connection, grant: grant ?? connection.grant }
}

/** Begins a new session and ends the one the browser came with. Returns the new session's key. */
async function signIn ({ auth, sessions, sessionCookie }: RouteContext, { request, reply, connection }: {
  request: FastifyRequest
  reply: FastifyReply
  connection: Connection
}): Promise<string> {
  const { grant, consent } = connection
  await auth.link(grant.userId, connection)
  const old = sessionCookie.read(request)
  const id = await sessions.begin({ userId: grant.userId, teamId: grant.teamId, consent })
  if (old !== null) await sessions.end(old.id)
  sessionCookie.set(reply, { id, hint: grant })
  return sessions.keyOf(id)
}

/** Reload, back button, a browser that asks twice: no second exchange, and the same place for the same session. */
function goWhereTheFirstWent ({ sessions, sessionCookie }: RouteContext, { request, reply, flow, spending }: {
  request: FastifyRequest
  reply: FastifyReply
  flow: Flow
  spending: Extract<Spending, { first: false }>
}): FastifyReply {
  const { end, waited } = spending
  if (end?.outcome !== 'signed-in') throw new StateUsedError()
  const ticket = sessionCookie.read(request)
  // A hit that had to wait was sent before the session existed; the browser has its cookie from the first answer by now.
  if (!waited && (ticket === null || sessions.keyOf(ticket.id) !== end.sessionKey)) throw new StateUsedError()
  return reply.redirect(flow.returnTo, 303)
}
