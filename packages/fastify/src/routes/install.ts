import { UnavailableError, type GrantRef } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import { AccessDeniedError, ClientMismatchError, CodeMissingError, CrossSiteError } from '../errors.js'
import { parseCallback } from '../flow/callback-decision.js'
import { isDocumentRequest } from '../http/fetch-metadata.js'
import { queryOf } from '../http/query.js'
import { tellAgain } from './failure-page.js'
import { exchangeCode, orGiveBack, requireAdmitted } from './new-grant.js'
import type { RouteContext, RouteHandler } from './route-context.js'

/**
 * `GET` on the path of `routes.install`: an install that Miro started, from its Marketplace or by the Web SDK's
 * authorization, and so without a state. The grant is stored under Miro's identity alone: the grant gets no session
 * and no link, so a forged call (CSRF) signs in no user. Ends on Miro's own page.
 *
 * @see https://developers.miro.com/docs/enable_api_authentication_from_sdk_authorization
 */
export const install: RouteHandler = async (context, request, reply) => {
  const { settings: { clientId, endpoints: { authorizeUrl } }, installCodes } = context
  // A page of another site could spend its visitor's tries with images.
  if (!isDocumentRequest(request)) throw new CrossSiteError()
  const told = await tellAgain(context, { request, reply, route: 'install' })
  if (told !== null) return told
  const code = requireCode(queryOf(request), clientId)
  const { teamId } = await installCodes.redeem(code, () => completeInstall(context, request, code))
  const query = new URLSearchParams({ client_id: clientId, team_id: teamId })
  return reply.redirect(`${authorizeUrl.origin}/app-install-completed/?${query.toString()}`, 303)
}

async function completeInstall (context: RouteContext, request: FastifyRequest, code: string): Promise<GrantRef> {
  const { settings: { origin, paths }, auth, installExchanges, names, hooks } = context
  const redirectUri = origin + paths.install
  const connection = await exchangeCode(context, installExchanges, { request, code, redirectUri })
  await orGiveBack(context, request, { connection, appUserId: null }, async () => {
    await requireAdmitted(context, request, { connection, appUserId: null })
    if (await auth.confirm(connection)) return
    throw new UnavailableError({ cause: new Error('The grant was disconnected before its person was let in.') })
  })
  names.askOnce(connection.grant)
  await hooks.run('onConnected', { request, grant: connection.grant, appUserId: null })
  return connection.grant
}

function requireCode (query: URLSearchParams, clientId: string): string {
  const { error, code, clientId: namedClient } = parseCallback(query)
  if (error === 'access_denied') throw new AccessDeniedError()
  if (namedClient !== null && namedClient !== clientId) throw new ClientMismatchError()
  // Anybody can make up another error.
  if (code === null || error !== null) throw new CodeMissingError()
  return code
}
