import type { Connection } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import { callAppFunction } from '../app-function.js'
import { NotAdmittedError, ScopeMissingError } from '../errors.js'
import type { CodeExchanges } from '../flow/code-exchanges.js'
import { toRef } from '../grants/consented-grant.js'
import { hasScopes } from '../grants/scopes.js'
import { clientAddress } from '../http/client-address.js'
import type { RouteContext } from './route-context.js'

/** A code that Miro sent, and how it is to be exchanged. */
interface ReceivedCode {
  request: FastifyRequest
  code: string
  /** The one that the code was sent to. */
  redirectUri: string
  codeVerifier?: string | undefined
}

/**
 * Exchanges a code, and stores the grant before anything is checked: whatever that finds, the grant exists at Miro. It
 * is provisional until its person is let in. Where a function of the app gets the grant, Miro is asked for names first.
 */
export async function exchangeCode (
  context: RouteContext, exchanges: CodeExchanges, { request, code, ...options }: ReceivedCode
): Promise<Connection> {
  const { auth, names, settings: { admit, hooks } } = context
  const connection = await exchanges.run(clientAddress(request), () => {
    return auth.exchange(code, { ...options, provisional: true })
  })
  if (admit === undefined && hooks.onConnected === undefined) return connection
  return { ...connection, grant: await names.ask(connection.grant) ?? connection.grant }
}

/** A grant that was just stored, and the app user whom it is for; `null`: none is known. */
interface Received {
  connection: Connection
  appUserId: string | null
}

/**
 * Checks whether a new grant may be used here.
 *
 * @throws {ScopeMissingError | NotAdmittedError | AppFunctionError}
 */
export async function requireAdmitted (
  { settings: { requiredScopes, admit } }: RouteContext, request: FastifyRequest, { connection, appUserId }: Received
): Promise<void> {
  if (!hasScopes(connection, requiredScopes)) throw new ScopeMissingError()
  if (admit === undefined) return
  const { grant } = connection
  const answer: unknown = await callAppFunction('admit', () => admit({ request, grant, appUserId }))
  if (answer !== true) throw new NotAdmittedError()
}

/**
 * Runs what follows an exchange. Where that fails, a grant that is still provisional ends again: else it would live on
 * at Miro. Of several flows at once the last one ends it, and none of them where one let its person in. A person whom
 * the app does not admit loses the grant that they had before, too.
 */
export async function orGiveBack<T> (
  { auth, mode }: RouteContext, request: FastifyRequest, { connection, appUserId }: Received, proceed: () => Promise<T>
): Promise<T> {
  const { grant, consentId, epoch } = connection
  try {
    return await proceed()
  } catch (error) {
    const ref = toRef(grant)
    const ending = [auth.disconnect(ref, { consentId, epoch, only: 'provisional' })]
    if (error instanceof NotAdmittedError) ending.push(mode.endRefused(appUserId, { ref, consentId }))
    await Promise.all(ending).catch((error: unknown) => {
      request.log.warn({ err: error }, 'a Miro grant that was refused could not be ended')
    })
    throw error
  }
}
