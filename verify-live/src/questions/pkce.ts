import { readPair } from '../session/pair.js'
import { createProof } from '../session/pkce.js'
import type { Session } from '../session/session.js'
import type { Reply } from '../wire/reply.js'
import { isAccepted, refusalText } from '../wire/shape.js'
import type { Finding, Question } from './question.js'

const text = 'Authorize the app. The link has a code_challenge, which Miro may refuse.'

export const pkce: Question = {
  id: 'pkce',
  question: 'Is the code_challenge of PKCE checked, ignored or refused?',
  ask: async (session) => {
    const wrong = await exchangeWith(session, () => createProof().verifier)
    // A wrong verifier that is refused may have been compared, or the parameter may be unknown: the right one tells.
    const right = wrong === null || isAccepted(wrong) ? null : await exchangeWith(session, (verifier) => verifier)
    return describePkce({ isRequired: session.requiresPkce, wrong, right })
  }
}

/** @returns `null` if the authorize page gave no code */
async function exchangeWith (session: Session, toSent: (verifier: string) => string): Promise<Reply | null> {
  const proof = createProof()
  const visit = await session.visit({ text, proof })
  const code = visit.kind === 'callback' ? visit.parameters.get('code') : null
  if (code === null) return null
  const reply = await session.miro.exchange(code, { code_verifier: toSent(proof.verifier) })
  session.keep(readPair(reply, { code }))
  return reply
}

/** The answers to a wrong and to the right verifier; `null` where nothing was sent. */
interface Exchanges {
  isRequired: boolean
  wrong: Reply | null
  right: Reply | null
}

export function describePkce ({ isRequired, wrong, right }: Exchanges): Finding {
  const facts = {
    isRequired,
    wrongVerifier: wrong === null ? null : refusalText(wrong),
    rightVerifier: right === null ? null : refusalText(right)
  }
  return { answer: decide({ isRequired, wrong, right }), facts }
}

function decide ({ isRequired, wrong, right }: Exchanges): string {
  if (wrong === null) return 'refused by the authorize page'
  if (isAccepted(wrong)) return 'ignored'
  if (right === null || !isAccepted(right)) return 'refused by the token endpoint'
  return isRequired ? 'checked and required' : 'checked'
}
