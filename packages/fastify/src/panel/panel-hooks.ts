import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isPanelRule, type PanelRule } from '../request/route-rule.js'
import type { RequestState } from '../request/request-state.js'
import { teamOfPanel, type ConnectUrl } from './panel-guard.js'
import { toPanelPolicy } from './panel-policy.js'
import { isPanelRefusal, tellPanel } from './panel-refusal.js'

/** What {@link addPanelHooks} works with. */
interface PanelHooksParts {
  /** Names the registration. */
  decorator: string
  /** Where Miro's pages are. */
  miroOrigin: string
  stateOf: (request: FastifyRequest) => RequestState
  connectUrl: ConnectUrl
}

/** Adds to the host what panels need of every answer: pages that Miro may frame, and errors that their scripts read. */
export function addPanelHooks (app: FastifyInstance, parts: PanelHooksParts): void {
  const { decorator, miroOrigin, stateOf, connectUrl } = parts
  const panelOf = ({ routeOptions }: FastifyRequest): PanelRule => {
    const config: unknown = routeOptions.config.miro
    // Anything else was refused before, or is answered with the refusal right now.
    const { panel, app }: { panel?: unknown, app?: unknown } = typeof config === 'object' ? { ...config } : {}
    if (!isPanelRule(panel)) return false
    return app === undefined || app === decorator ? panel : false
  }
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (panelOf(request) === 'page') letMiroFrame(reply, miroOrigin)
    done()
  })
  app.addHook('onError', async (request, reply, error) => {
    const panel = panelOf(request)
    if (panel === false || panel === 'page' || !isPanelRefusal(error)) return
    tellPanel(reply, error, connectUrl(await teamOfPanel(stateOf(request))))
  })
}

/** The host's headers may stand on the raw answer, where Fastify does not see them. */
function letMiroFrame (reply: FastifyReply, miroOrigin: string): void {
  const name = 'content-security-policy'
  const given = [reply.getHeader(name) ?? reply.raw.getHeader(name) ?? []].flat().join(', ')
  for (const headers of [reply, reply.raw]) headers.removeHeader('x-frame-options')
  reply.header(name, toPanelPolicy(given, miroOrigin))
}
