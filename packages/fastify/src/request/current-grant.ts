import type { FastifyRequest } from 'fastify'
import { isSameGrant, type ConsentedGrant } from '../grants/consented-grant.js'
import type { LinkedGrants } from '../grants/linked-grants.js'
import type { AppUser } from '../mode/mode.js'
import type { ChooseGrant } from '../options.js'
import { callAppFunction } from '../app-function.js'

/**
 * Which of a user's grants a request acts for, where no session says so: the one that the app chooses, else the newest.
 * A grant that Miro refused counts too, since passing it over in silence would write into another team's boards.
 *
 * @returns `null`: none
 * @throws {StoreError | RecordError | AppFunctionError}
 */
export async function findCurrentGrant ({ linked, choose }: {
  linked: LinkedGrants
  choose: ChooseGrant | undefined
}, request: FastifyRequest, { appUserId }: AppUser): Promise<ConsentedGrant | null> {
  if (choose === undefined) return linked.newest(appUserId)
  const grants = await linked.all(appUserId)
  if (grants.length === 0) return null
  const chosen = await callAppFunction('grant', () => choose(request, grants.map(({ ref }) => ({ ...ref }))))
  return grants.find(({ ref }) => isSameGrant(ref, chosen)) ?? null
}
