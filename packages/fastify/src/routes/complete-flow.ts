import { MiroError, type Connection } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { TeamMismatchError } from '../errors.js'
import type { Flow } from '../flow/flow.js'
import type { FirstRedemption, FlowOutcome } from '../flow/spent-flows.js'
import { toRef } from '../grants/consented-grant.js'
import { linkNew } from '../grants/linked-grants.js'
import { exchangeCode, orGiveBack, requireAdmitted } from './new-grant.js'
import type { RouteContext } from './route-context.js'

/** A callback whose code may be exchanged. */
interface RedeemedCallback {
  request: FastifyRequest
  reply: FastifyReply
  code: string
  flow: Flow
  /** The team that the callback names. */
  teamId: string | null
  /** The app user who began the flow and ends it; `null` in sign-in mode. */
  appUserId: string | null
  redemption: FirstRedemption
}

/**
 * Exchanges a code, signs its Miro user in or links the grant, and notes what became of the flow.
 *
 * @throws {MiroError} the exchange failed, or the grant was refused
 */
export async function completeFlow (context: RouteContext, callback: RedeemedCallback): Promise<Connection> {
  const { request, code, flow: { codeVerifier }, redemption } = callback
  const { settings: { redirectUri }, codeExchanges, hooks } = context
  let outcome: FlowOutcome = { kind: 'failed', code: 'MIRO_UNAVAILABLE' }
  try {
    const received = { request, code, redirectUri, codeVerifier: codeVerifier ?? undefined }
    const connection = await exchangeCode(context, codeExchanges, received)
    const { grant } = connection
    const appUserId = callback.appUserId ?? grant.userId
    outcome = await orGiveBack(context, request, { connection, appUserId }, () => accept(context, callback, connection))
    await hooks.run('onConnected', { request, grant, appUserId })
    return connection
  } catch (error) {
    if (error instanceof MiroError) outcome = { kind: 'failed', code: error.code }
    throw error
  } finally {
    await redemption.finish(outcome).catch((error: unknown) => {
      request.log.warn({ err: error }, 'the end of a Miro sign-in was not noted')
    })
  }
}

async function accept (
  context: RouteContext, callback: RedeemedCallback, connection: Connection
): Promise<FlowOutcome> {
  const { request, flow, teamId } = callback
  const appUserId = callback.appUserId ?? connection.grant.userId
  if (teamId !== null && teamId !== connection.grant.teamId) throw new TeamMismatchError()
  await requireAdmitted(context, request, { connection, appUserId })
  if (flow.end.kind === 'page') return context.mode.completeSignIn({ ...callback, connection })
  // The panel's requests bring their own proof of who is there: its person gets no session that they know nothing of.
  await linkNew(context.auth, appUserId, connection)
  return { kind: 'linked', ref: toRef(connection.grant) }
}
