import type { Session } from '../session/session.js'
import type { Visit } from '../session/visit.js'
import type { Question } from './question.js'

/** Servers limit a request line to 8 KB often, and to 4 KB at times. */
const triedLengths = [512, 2_000, 6_000]

interface Try {
  length: number
  result: 'echoed' | 'changed' | 'refused'
}

export const stateLength: Question = {
  id: 'state-length',
  question: 'How long may a state be?',
  ask: async (session) => {
    const tries: Try[] = []
    for (const length of triedLengths) {
      tries.push({ length, result: resultOf(await visitWith(session, length)) })
      if (tries.at(-1)?.result !== 'echoed') break
    }
    return { answer: decideStateLength(tries), facts: { tries: tries.map((one) => ({ ...one })) } }
  }
}

function visitWith (session: Session, stateLength: number): Promise<Visit> {
  return session.visit({ text: `Authorize the app. The state has ${stateLength} characters, which Miro may refuse.`, stateLength })
}

function resultOf (visit: Visit): Try['result'] {
  if (visit.kind === 'refused') return 'refused'
  return visit.parameters.get('state') === visit.state ? 'echoed' : 'changed'
}

/** `at least 512, not 2000`. */
export function decideStateLength (tries: readonly Try[]): string {
  const longest = tries.findLast(({ result }) => result === 'echoed')?.length ?? 0
  const failed = tries.find(({ result }) => result !== 'echoed')
  return failed === undefined ? `at least ${longest}` : `at least ${longest}, ${failed.length} is ${failed.result}`
}
