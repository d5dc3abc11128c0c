import type { Reply } from '../wire/reply.js'
import type { Finding, Question } from './question.js'

export const rateLimit: Question = {
  id: 'rate-limit',
  question: 'Which limit do the X-RateLimit headers name, and in which unit is its reset?',
  ask: async (session) => {
    const { accessToken } = await session.pair()
    return describeRateLimit(await session.miro.boards(accessToken))
  }
}

const names = ['limit', 'remaining', 'reset']

/**
 * The headers of an answer of the REST API. An instant of thirteen digits is in milliseconds, one of ten in seconds.
 */
export function describeRateLimit ({ status, headers }: Reply): Finding {
  const [limit, remaining, reset] = names.map((name) => headers.get(`x-ratelimit-${name}`))
  const answer = toNumber(limit) === null ? 'no limit is named' : `${limit} credits`
  const resetDigits = toNumber(reset) === null ? null : String(reset).length
  return { answer, facts: { status, limit: toNumber(limit), remaining: toNumber(remaining), resetDigits } }
}

function toNumber (text: string | null | undefined): number | null {
  return /^\d{1,15}$/.test(text ?? '') ? Number(text) : null
}
