import type { FastifyRequest } from 'fastify'
import { isSameGrant, type ConsentedGrant } from '../grants/consented-grant.js'
import type { LinkedGrants } from '../grants/linked-grants.js'
import type { AppUser } from '../mode/mode.js'
import type { ChooseGrant } from '../options.js'

/** Tells which of a person's grants a request acts for. `null`: none. */
export type CurrentGrant = (request: FastifyRequest, appUser: AppUser) => Promise<ConsentedGrant | null>

/**
 * Makes a {@link CurrentGrant}: what the app chooses, else the session's, else the newest. One that Miro refused counts
 * too: to pass it over in silence would write into another team's boards.
 */
export function createCurrentGrant (linked: LinkedGrants, choose: ChooseGrant | undefined): CurrentGrant {
  if (choose === undefined) return async (_request, { session, appUserId }) => session ?? linked.newest(appUserId)
  return async (request, { appUserId }) => {
    const grants = await linked.all(appUserId)
    if (grants.length === 0) return null
    const chosen = await choose(request, grants.map(({ ref }) => ({ ...ref })))
    return grants.find(({ ref }) => isSameGrant(ref, chosen)) ?? null
  }
}
