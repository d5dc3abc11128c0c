import { readPair } from '../session/pair.js'
import { isAccepted, refusalText } from '../wire/shape.js'
import type { Question } from './question.js'

export const reuse: Question = {
  id: 'reuse',
  question: 'Does a spent refresh token revoke its successors (reuse detection)?',
  agreeTo: 'A refresh token that was spent two refreshes ago is sent again, which may end the grant.',
  ask: async (session) => {
    const first = await session.refreshablePair()
    // Two rotations: a grace period would cover the last one.
    const latest = await session.rotate(await session.rotate(first))
    const reply = await session.miro.refresh(first.refreshToken)
    const accessTokenStays = isAccepted(await session.miro.tokenContext(latest.accessToken))
    const next = session.keep(readPair(await session.miro.refresh(latest.refreshToken), latest))
    const survivors = { accessTokenStays, refreshTokenStays: next !== null }
    const answer = decideReuse(isAccepted(reply), survivors)
    return { answer, facts: { spentToken: refusalText(reply), ...survivors } }
  }
}

/** What became of the latest pair when a spent refresh token was presented. */
export function decideReuse (isAccepted: boolean, { accessTokenStays, refreshTokenStays }: {
  accessTokenStays: boolean
  refreshTokenStays: boolean
}): string {
  if (isAccepted) return 'a spent refresh token is accepted'
  if (accessTokenStays && refreshTokenStays) return 'only refused'
  if (accessTokenStays) return 'the refresh token of its successors is revoked'
  return refreshTokenStays ? 'the access token of its successors is revoked' : 'all its successors are revoked'
}
