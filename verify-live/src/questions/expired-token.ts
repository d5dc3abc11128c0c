import { readPair } from '../session/pair.js'
import { Unanswered } from '../unanswered.js'
import { isAccepted, refusalOf, refusalText } from '../wire/shape.js'
import type { Question } from './question.js'

/** Clocks differ. */
const marginSeconds = 60

export const expiredToken: Question = {
  id: 'expired-token',
  question: 'How is an expired access token refused, and can it be revoked?',
  agreeTo: 'The script waits until an access token has expired, about an hour. Its grant may end then.',
  ask: async (session) => {
    const pair = await session.rotate(await session.refreshablePair())
    const seconds = pair.expiresInSeconds ?? 0
    if (!(seconds > 0)) throw new Unanswered('the token answer names no lifetime')
    await session.wait((seconds + marginSeconds) * 1_000)
    const api = await session.miro.boards(pair.accessToken)
    if (isAccepted(api)) throw new Unanswered('the access token lives longer than its expires_in')
    const tokenContext = refusalText(await session.miro.tokenContext(pair.accessToken))
    const revoked = refusalText(await session.miro.revoke(pair.accessToken))
    const next = session.keep(readPair(await session.miro.refresh(pair.refreshToken), pair))
    const answer = `${refusalText(api)}, revoke ${revoked}, refresh token ${next === null ? 'ended' : 'stays'}`
    const facts = { restApi: { ...refusalOf(api) }, tokenContext, revoked, refreshTokenStays: next !== null }
    return { answer, facts }
  }
}
