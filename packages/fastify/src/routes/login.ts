import type { FastifyRequest } from 'fastify'
import { toReturnTo } from '../flow/return-to.js'
import { queryOf } from '../http/query.js'
import { beginFlow } from './begin-flow.js'
import type { RouteContext, RouteHandler } from './route-context.js'

/**
 * `GET /auth/miro/login?returnTo=&team_id=`: begins a flow and sends the browser to Miro's authorize page. With
 * `again`, as the page of a failure has it, the flow returns to where the one that failed would have.
 */
export const login: RouteHandler = async (context, request, reply) => {
  const { origin, paths, ownPaths, defaultReturnTo, returnToOrigins } = context.settings
  const query = queryOf(request)
  const target = query.get('returnTo') ?? (query.has('again') ? await returnToOfLast(context, request) : null)
  const url = toReturnTo(target, origin, { forbidden: ownPaths, origins: returnToOrigins }) ??
    new URL(defaultReturnTo, origin).href
  return beginFlow(context, { request, reply, path: paths.login, end: { kind: 'page', url } })
}

async function returnToOfLast ({ resultCookie }: RouteContext, request: FastifyRequest): Promise<string | null> {
  const result = await resultCookie.read(request)
  return result?.kind === 'failed' ? result.returnTo : null
}
