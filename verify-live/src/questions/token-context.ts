import { isObject, type Reply } from '../wire/reply.js'
import { isAccepted, refusalText, shapeOf, wordOf } from '../wire/shape.js'
import type { Finding, Question } from './question.js'

export const tokenContext: Question = {
  id: 'token-context',
  question: 'What is the type of a token context, and does it name an organization?',
  ask: async (session) => {
    const { accessToken } = await session.pair()
    return describeTokenContext(await session.miro.tokenContext(accessToken))
  }
}

/** A token context by its `type`, its fields and the types of its ids. */
export function describeTokenContext (reply: Reply): Finding {
  const json = reply.json ?? {}
  const idOf = (name: string): string => shapeOf(isObject(json[name]) ? json[name]['id'] : undefined)
  const organization = isObject(json['organization']) ? 'an organization' : 'no organization'
  return {
    answer: isAccepted(reply) ? `type ${wordOf(json['type'])}, ${organization}` : refusalText(reply),
    facts: {
      fields: Object.keys(json).map(wordOf).sort(),
      userId: idOf('user'),
      teamId: idOf('team'),
      organizationId: idOf('organization'),
      scopes: shapeOf(json['scopes'])
    }
  }
}
