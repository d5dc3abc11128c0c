import { isAccepted, refusalText, shapeOf, wordOf } from '../wire/shape.js'
import type { Reply } from '../wire/reply.js'
import { Unanswered } from '../unanswered.js'
import { readPair } from '../session/pair.js'
import type { Finding, Question } from './question.js'

export const tokenAnswer: Question = {
  id: 'token-answer',
  question: 'What does the answer to a code hold, and of which type are its ids?',
  ask: async (session) => {
    const { reply, callback } = await session.connect()
    const { answer, facts } = describeTokenAnswer(reply)
    const { requiresPkce } = session
    return { answer, facts: { ...facts, callbackParameters: [...callback.keys()].map(wordOf).sort(), requiresPkce } }
  }
}

export const refreshAnswer: Question = {
  id: 'refresh-answer',
  question: 'What does the answer to a refresh token hold, and of which type are its ids?',
  ask: async (session) => {
    const pair = await session.refreshablePair()
    const reply = await session.miro.refresh(pair.refreshToken)
    if (session.keep(readPair(reply, pair)) === null) throw new Unanswered(`a refresh ended in ${refusalText(reply)}`)
    return describeTokenAnswer(reply)
  }
}

/** A token answer by types and lengths. */
export function describeTokenAnswer (reply: Reply): Finding {
  const json = reply.json ?? {}
  const { user_id: userId, team_id: teamId, expires_in: expiresIn, token_type: tokenType } = json
  return {
    answer: isAccepted(reply) ? `user_id ${typeOf(userId)}, team_id ${typeOf(teamId)}` : refusalText(reply),
    facts: {
      fields: Object.keys(json).map(wordOf).sort(),
      userId: shapeOf(userId),
      teamId: shapeOf(teamId),
      accessToken: shapeOf(json['access_token']),
      refreshToken: shapeOf(json['refresh_token']),
      scope: shapeOf(json['scope']),
      tokenType: wordOf(tokenType),
      expiresIn: typeof expiresIn === 'number' ? expiresIn : shapeOf(expiresIn)
    }
  }
}

function typeOf (value: unknown): string {
  return shapeOf(value).replace(/ of .*/, '')
}
