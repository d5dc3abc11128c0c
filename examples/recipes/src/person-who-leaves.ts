import type { Forgotten, GrantRef, MiroAuth } from '@miro-oauth/core'
import '@miro-oauth/fastify'
import type { FastifyInstance } from 'fastify'

/**
 * A user of the app leaves, with `appUserId`. Call it once the account is deleted, so that `appUserId` returns `null`
 * for their requests: else a person who is just connecting would come back.
 *
 * Grants that other users of the app share go on. Those that only this one had have ended when it resolves, also where
 * Miro is down: `refreshDue` has Miro revoke them later.
 *
 * @throws {StoreError | RecordError} call it again, as often as it takes: it finishes what was begun
 */
export async function forgetAppUser (app: FastifyInstance, appUserId: string): Promise<Forgotten> {
  return app.miro.auth.forget(appUserId)
}

/**
 * A Miro user leaves, in sign-in mode or of a panel: their sessions in all browsers, their grants in all teams, and
 * those of installs, in which nobody signed in.
 *
 * @returns how many grants ended, and how many of them Miro has revoked
 * @throws {ConfigError} the store has no `scan`
 * @throws {StoreError | RecordError} call it again: it finishes what was begun
 */
export async function forgetMiroUser (
  app: FastifyInstance, userId: string
): Promise<{ ended: number, revoked: number }> {
  const { auth } = app.miro
  // Also ends their sessions, where the plugin keeps them.
  const { disconnected, revoked } = await auth.forget(userId)
  const total = { ended: disconnected, revoked }
  for await (const ref of grantsOf(auth, userId)) {
    const ending = await auth.forgetGrant(ref)
    if (ending.ended) total.ended++
    if (ending.revoked) total.revoked++
  }
  return total
}

/** Looks at every grant of the app: no index leads to a grant without a user of the app. */
async function * grantsOf (auth: MiroAuth, userId: string): AsyncGenerator<GrantRef> {
  for (let cursor: string | undefined; ;) {
    const page = await auth.allGrants({ limit: 1000, cursor })
    for (const { ref } of page.grants) if (ref.userId === userId) yield ref
    if (page.cursor === undefined) return
    cursor = page.cursor
  }
}
