import type { Connection } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import { callAppFunction } from '../app-function.js'
import { NotAdmittedError, ScopeMissingError } from '../errors.js'
import type { CodeExchanges } from '../flow/code-exchanges.js'
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

/** Exchanges a code, and stores the grant before anything is checked: whatever that finds, the grant exists at Miro. */
export async function exchangeCode (
  { auth }: RouteContext, exchanges: CodeExchanges, { request, code, ...options }: ReceivedCode
): Promise<Connection> {
  const connection = await exchanges.run(clientAddress(request), () => auth.exchange(code, options))
  const grant = await auth.fetchNames(connection.grant).catch(() => null)
  return { ...connection, grant: grant ?? connection.grant }
}

/**
 * Checks whether a new grant may be used here.
 *
 * @param appUserId for the option `admit`; `null`: none is known
 * @throws {ScopeMissingError | NotAdmittedError | AppFunctionError}
 */
export async function requireAdmitted (
  { settings: { requiredScopes, admit } }: RouteContext, request: FastifyRequest, { connection, appUserId }: {
    connection: Connection
    appUserId: string | null
  }
): Promise<void> {
  if (!hasScopes(connection, requiredScopes)) throw new ScopeMissingError()
  if (admit === undefined) return
  const { grant } = connection
  const answer: unknown = await callAppFunction('admit', () => admit({ request, grant, appUserId }))
  if (answer !== true) throw new NotAdmittedError()
}

/**
 * Runs what follows an exchange. Where that fails, ends a grant that no session and no link had before, and none has
 * now: else it would live on at Miro. One that was connected again in the meantime has one.
 */
export async function orGiveBack<T> (
  { auth }: RouteContext, request: FastifyRequest, connection: Connection, proceed: () => Promise<T>
): Promise<T> {
  const { grant: { userId, teamId }, consentId, epoch, replaced } = connection
  try {
    return await proceed()
  } catch (error) {
    if (!replaced) {
      await auth.disconnect({ userId, teamId }, { consentId, epoch }).catch((error: unknown) => {
        request.log.warn({ err: error }, 'a Miro grant that was refused could not be ended')
      })
    }
    throw error
  }
}
