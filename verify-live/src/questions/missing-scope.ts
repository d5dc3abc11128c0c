import { Unanswered } from '../unanswered.js'
import { refusalOf, refusalText } from '../wire/shape.js'
import type { Question } from './question.js'

export const missingScope: Question = {
  id: 'missing-scope',
  question: 'How does the REST API refuse a token whose app lacks the scope?',
  ask: async (session) => {
    const { accessToken, scopes } = await session.pair()
    const hasBoth = scopes.includes('boards:read') && scopes.includes('boards:write')
    if (hasBoth) throw new Unanswered('the app has boards:read and boards:write: an app without one of them can tell')
    const isReading = !scopes.includes('boards:read')
    const reply = isReading ? await session.miro.boards(accessToken) : await session.miro.createBoard(accessToken)
    return { answer: refusalText(reply), facts: { scope: isReading ? 'boards:read' : 'boards:write', ...refusalOf(reply) } }
  }
}
