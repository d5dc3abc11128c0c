import type { MiroAuth } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import { AppUserSender, type AppUserSenderParts } from '../request/app-user-sender.js'
import type { RouteRules } from '../request/route-rule.js'
import type { Sender } from '../request/sender.js'
import { NoSender } from './no-sender.js'
import { IdentitySender, PanelSender } from './panel-sender.js'

/** What {@link findSender} works with. */
interface FindSenderParts extends AppUserSenderParts {
  auth: MiroAuth
  /** Names the registration. */
  decorator: string
  rules: RouteRules
}

const reasons = {
  otherApp: 'This route is the panel of another registration of the Miro plugin.',
  page: 'This route is a page for the panel, which sends no id token: its scripts call the routes that act in Miro.',
  identity: 'This route only asks who is at the board. To act in Miro it needs config: { miro: { panel: true } }.'
}

/** By what a request tells who sent it: a session, or on a route of a panel the id token and nothing else. */
export function findSender (parts: FindSenderParts, request: FastifyRequest): Sender {
  const { panel, app } = parts.rules.of(request)
  if (panel === false) return new AppUserSender(parts, request)
  if (app !== null && app !== parts.decorator) return new NoSender(reasons.otherApp)
  if (panel === 'page') return new NoSender(reasons.page)
  return panel === 'identity'
    ? new IdentitySender(parts.auth, request, reasons.identity)
    : new PanelSender(parts.auth, request)
}
