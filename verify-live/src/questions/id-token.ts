import { createHmac } from 'node:crypto'
import { Unanswered } from '../unanswered.js'
import { parseObject } from '../wire/reply.js'
import { shapeOf, wordOf } from '../wire/shape.js'
import type { Finding, Question } from './question.js'

const text = 'On a board with a panel of your app, run `await miro.board.getIdToken()` in the console of the panel and paste ' +
  'the token here, without quotes. Only Enter leaves the question out.'

interface App {
  clientId: string
  clientSecret: string
}

export const idToken: Question = {
  id: 'id-token',
  question: 'Which algorithm, lifetime, issuer and types of ids has an id token of the Web SDK?',
  ask: async (session) => {
    const token = await session.person.paste(text)
    session.secrets.add(token, ...token.split('.'))
    if (token === '') throw new Unanswered('no id token was pasted')
    return describeIdToken(token, session.config)
  }
}

/** @throws {Unanswered} the text is no JWT */
export function describeIdToken (token: string, app: App): Finding {
  const [header = null, claims = null] = token.split('.').slice(0, 2).map((part) => parseObject(Buffer.from(part, 'base64url').toString()))
  if (header === null || claims === null) throw new Unanswered('what was pasted is no id token')
  const { iat, exp, user, team, iss, sub } = claims
  const lifetimeSeconds = typeof iat === 'number' && typeof exp === 'number' ? exp - iat : null
  const issuer = nameOrWord(iss, app)
  return {
    answer: `${wordOf(header['alg'])}, ${lifetimeSeconds} seconds, iss ${issuer}, user ${shapeOf(user)}, team ${shapeOf(team)}`,
    facts: {
      header: Object.keys(header).map(wordOf).sort(),
      claims: Object.keys(claims).map(wordOf).sort(),
      subject: nameOrWord(sub, app),
      isSignedWithClientSecret: isSigned(token, app)
    }
  }
}

function nameOrWord (value: unknown, { clientId }: App): string {
  if (String(value) === clientId) return typeof value === 'string' ? 'the client id' : 'the client id as a number'
  return wordOf(value)
}

/** HS256 by RFC 7515 with the UTF-8 of the secret as its key. */
function isSigned (token: string, { clientSecret }: App): boolean {
  const end = token.lastIndexOf('.')
  return createHmac('sha256', clientSecret).update(token.slice(0, end)).digest('base64url') === token.slice(end + 1)
}
