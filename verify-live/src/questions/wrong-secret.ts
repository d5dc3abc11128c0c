import { randomBytes } from 'node:crypto'
import { readPair } from '../session/pair.js'
import { refusalOf, refusalText } from '../wire/shape.js'
import type { Question } from './question.js'

export const wrongSecret: Question = {
  id: 'wrong-secret',
  question: 'How is a wrong client secret refused, and does the refresh token survive that?',
  agreeTo: 'A refresh token is sent with a wrong client secret, which should not end the grant, but may.',
  ask: async (session) => {
    const pair = await session.refreshablePair()
    const reply = await session.miro.refresh(pair.refreshToken, { client_secret: randomBytes(16).toString('hex') })
    // What follows is only meaningful if the first was refused; if not, its pair is the one to go on with.
    const next = readPair(reply, pair) ?? readPair(await session.miro.refresh(pair.refreshToken), pair)
    session.keep(next)
    return {
      answer: `${refusalText(reply)}, refresh token ${next === null ? 'ended' : 'stays'}`,
      facts: { ...refusalOf(reply), refreshTokenStays: next !== null }
    }
  }
}
