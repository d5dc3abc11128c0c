import type { FlowResult } from '../flow/result-cookie.js'
import { queryOf, teamIdOf } from '../http/query.js'
import { sendConnectPage, type ConnectEnd } from './connect-page.js'
import type { RouteContext, RouteHandler } from './route-context.js'

/** `GET /auth/miro/connect/done?team_id=`: tells what became of a panel's flow that ended in this browser. */
export const connectDone: RouteHandler = async (context, request, reply) => {
  const teamId = teamIdOf(queryOf(request))
  const result = await context.resultCookie.read(request)
  const end = await toEnd(context, result, teamId)
  // Told once: another site could open this page with the ids of teams, and see in which case it closes itself.
  if (end.kind === 'connected') context.resultCookie.clear(request, reply)
  return sendConnectPage(reply, end, context.connectUrl({ teamId: teamId ?? undefined }))
}

/** @param teamId the team of the board; `null`: not known */
async function toEnd (
  { auth, names }: Pick<RouteContext, 'auth' | 'names'>, result: FlowResult | null, teamId: string | null
): Promise<ConnectEnd> {
  if (result === null) return { kind: 'forgotten' }
  if (result.kind === 'failed') return result
  if (teamId === null || teamId === result.ref.teamId) return { kind: 'connected' }
  const { grant } = await auth.snapshot(result.ref).catch(() => ({ grant: null }))
  return { kind: 'other-team', teamName: grant === null ? null : (await names.complete(grant)).teamName ?? null }
}
