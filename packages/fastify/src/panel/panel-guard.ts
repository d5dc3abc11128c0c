import type { FastifyReply, FastifyRequest } from 'fastify'
import { answerHeaders } from '../http/response-headers.js'
import { isGrantRefusal, refusalOf } from '../request/grant-refusal.js'
import type { RequestState } from '../request/request-state.js'
import type { AnyReply } from '../request/require-same-origin.js'
import type { Settings } from '../settings.js'
import { isPanelRefusal, tellPanel } from './panel-refusal.js'

/** The window in which a panel's person connects. `null`: this server has no such route. */
export type ConnectUrl = (options?: { teamId?: string | undefined }) => string | null

/** Lets only requests with a right id token pass, and where it is `required`, only those with a grant. */
export type PanelGuard = (
  request: FastifyRequest, reply: AnyReply, rule: { required: boolean }
) => Promise<AnyReply | undefined>

/**
 * Makes the {@link PanelGuard}. It asks for no origin: no page of another site can send the header with the token,
 * unless the host's CORS rules let it.
 */
export function createPanelGuard ({ settings, stateOf, connectUrl }: {
  settings: Pick<Settings, 'onUnauthenticated'>
  stateOf: (request: FastifyRequest) => RequestState
  connectUrl: ConnectUrl
}): PanelGuard {
  return async function panelGuard (request, reply, { required }) {
    const state = stateOf(request)
    const refusal = await refusalOf(() => required ? state.ensureGrant() : state.panelUser(), isPanelRefusal)
    if (refusal === null) return undefined
    if (settings.onUnauthenticated === 'error') throw refusal
    request.log.info({ code: refusal.code }, 'miro guard refused a panel')
    const { code, message, statusCode } = refusal
    const url = connectUrl(await teamOfPanel(state))
    tellPanel(reply as FastifyReply, refusal, url)
    const body = isGrantRefusal(refusal) && url !== null ? { code, message, connectUrl: url } : { code, message }
    return reply.code(statusCode).headers(answerHeaders).type('application/json; charset=utf-8').send(body)
  }
}

/** The team of the board; nothing where the id token is refused. */
export async function teamOfPanel (state: RequestState): Promise<{ teamId?: string }> {
  return state.panelUser().then(({ teamId }) => ({ teamId }), () => ({}))
}
