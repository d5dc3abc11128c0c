import type { Miro } from '../miro.js'
import type { Person } from '../seed/directory.js'
import { EmulatorMembershipError } from '../seed/membership-error.js'

/** Tokens of an app. One whose tokens do not expire has neither a refresh token nor a lifetime. */
export interface IssuedTokens {
  accessToken: string
  refreshToken?: string
  /** The lifetime of the access token, in milliseconds. */
  expiresInMs?: number
}

/** Gives the first pair of a connect without its code, to the test that asks for it. */
export function issueTokens (miro: Miro, { userId, teamId }: Person): IssuedTokens {
  const { app, directory, state, tokens } = miro
  if (directory.membership(userId, teamId) === undefined) throw new EmulatorMembershipError()
  const subject = { clientId: app.clientId, userId, teamId, scopes: app.scopes }
  const pair = tokens.exchange(subject, { now: miro.now(), expiring: app.expiring })
  state.installations.add(userId, teamId)
  tokens.ledger.delivered(pair, 'written')
  const { accessToken, refreshToken, expiresInSeconds } = pair
  return {
    accessToken,
    ...(refreshToken !== null && { refreshToken }),
    ...(expiresInSeconds !== null && { expiresInMs: expiresInSeconds * 1_000 })
  }
}
