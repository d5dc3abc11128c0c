import { isAccepted, refusalOf, refusalText } from '../wire/shape.js'
import type { Question } from './question.js'

export const spentCode: Question = {
  id: 'spent-code',
  question: 'How is a spent code refused, and does it revoke the tokens it once gave (RFC 6749, section 4.1.2)?',
  agreeTo: 'A code is sent a second time, which may end the grant.',
  ask: async (session) => {
    const { pair } = await session.connect()
    const proof = session.requiresPkce ? { code_verifier: 'x'.repeat(43) } : {}
    const reply = await session.miro.exchange(pair.code, proof)
    const isLive = isAccepted(await session.miro.tokenContext(pair.accessToken))
    return {
      answer: `${refusalText(reply)}, tokens ${isLive ? 'stay' : 'revoked'}`,
      facts: { ...refusalOf(reply), tokensStay: isLive }
    }
  }
}
