import { MiroError, type Connection } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { callAppFunction } from '../app-function.js'
import { NotAdmittedError, ScopeMissingError, TeamMismatchError } from '../errors.js'
import type { Flow } from '../flow/flow.js'
import type { FirstRedemption, FlowOutcome } from '../flow/spent-flows.js'
import { hasScopes } from '../grants/scopes.js'
import { clientAddress } from '../http/client-address.js'
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
export async function completeFlow (context: RouteContext, callback: RedeemedCallback): Promise<void> {
  const { request, appUserId, redemption } = callback
  let outcome: FlowOutcome = { kind: 'failed', code: 'MIRO_UNAVAILABLE' }
  try {
    const connection = await exchange(context, callback)
    outcome = await admit(context, callback, connection)
    const { grant } = connection
    await context.hooks.run('onConnected', { request, grant, appUserId: appUserId ?? grant.userId })
  } catch (error) {
    if (error instanceof MiroError) outcome = { kind: 'failed', code: error.code }
    throw error
  } finally {
    await redemption.finish(outcome).catch((error: unknown) => {
      request.log.warn({ err: error }, 'the end of a Miro sign-in was not noted')
    })
  }
}

/** Stores the grant before anything is checked: whatever that finds, the grant exists at Miro. */
async function exchange (
  { settings: { redirectUri }, auth, codeExchanges }: RouteContext, { request, code, flow }: RedeemedCallback
): Promise<Connection> {
  const options = { redirectUri, codeVerifier: flow.codeVerifier ?? undefined }
  const connection = await codeExchanges.run(clientAddress(request), () => auth.exchange(code, options))
  const grant = await auth.fetchNames(connection.grant).catch(() => null)
  return { ...connection, grant: grant ?? connection.grant }
}

async function admit (context: RouteContext, callback: RedeemedCallback, connection: Connection): Promise<FlowOutcome> {
  try {
    requireExpected(context, callback, connection)
    await requireAdmitted(context, callback, connection)
    return await context.mode.completeSignIn({ ...callback, connection })
  } catch (error) {
    if (!connection.replaced) await giveBack(context, callback, connection)
    throw error
  }
}

function requireExpected (
  { settings: { requiredScopes } }: RouteContext, { teamId }: RedeemedCallback, connection: Connection
): void {
  if (teamId !== null && teamId !== connection.grant.teamId) throw new TeamMismatchError()
  if (!hasScopes(connection, requiredScopes)) throw new ScopeMissingError()
}

async function requireAdmitted (
  { settings: { admit } }: RouteContext, { request, appUserId }: RedeemedCallback, { grant }: Connection
): Promise<void> {
  if (admit === undefined) return
  const answer: unknown = await callAppFunction('admit', () => admit({ request, grant, appUserId: appUserId ?? grant.userId }))
  if (answer !== true) throw new NotAdmittedError()
}

/**
 * Ends a grant that no session and no link had before, and none has now: else it would live on at Miro. One that was
 * connected again in the meantime has one.
 */
async function giveBack (
  { auth }: RouteContext, { request }: RedeemedCallback, { grant, consentId, epoch }: Connection
): Promise<void> {
  const { userId, teamId } = grant
  await auth.disconnect({ userId, teamId }, { consentId, epoch }).catch((error: unknown) => {
    request.log.warn({ err: error }, 'a Miro grant that was refused could not be ended')
  })
}
