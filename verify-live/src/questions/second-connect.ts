import { haveOneOwner, readPair } from '../session/pair.js'
import { Unanswered } from '../unanswered.js'
import { isAccepted } from '../wire/shape.js'
import type { Question } from './question.js'

export const secondConnect: Question = {
  id: 'second-connect',
  question: 'Does a second connect of one person in one team end the earlier pair?',
  agreeTo: 'You connect a second time, which may end the first grant.',
  ask: async (session) => {
    const earlier = await session.refreshablePair()
    const { pair } = await session.connect('Connect once more: as the same person, in the same team.')
    if (!haveOneOwner(earlier, pair)) throw new Unanswered('the second connect was of another person or team')
    const accessTokenStays = isAccepted(await session.miro.tokenContext(earlier.accessToken))
    const refreshed = readPair(await session.miro.refresh(earlier.refreshToken), earlier)
    session.keep(refreshed)
    session.keep(pair)
    const survivors = { accessTokenStays, refreshTokenStays: refreshed !== null }
    return { answer: decideSecondConnect(survivors), facts: survivors }
  }
}

/** What became of the earlier pair. */
export function decideSecondConnect ({ accessTokenStays, refreshTokenStays }: {
  accessTokenStays: boolean
  refreshTokenStays: boolean
}): string {
  if (accessTokenStays && refreshTokenStays) return 'both pairs stay'
  if (accessTokenStays) return 'the earlier refresh token ends'
  return refreshTokenStays ? 'the earlier access token ends' : 'the earlier pair ends'
}
