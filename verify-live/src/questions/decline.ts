import { Unanswered } from '../unanswered.js'
import type { Visit } from '../session/visit.js'
import { wordOf } from '../wire/shape.js'
import type { Finding, Question } from './question.js'

export const decline: Question = {
  id: 'decline',
  question: 'What does the callback hold when a person declines, and is the state echoed?',
  ask: async (session) => describeDecline(await session.visit({
    text: 'This time decline: press “Cancel”, or whatever stands for it. If nothing brings you back to this machine, say so here.'
  }))
}

/** @throws {Unanswered} the person has authorized the app */
export function describeDecline (visit: Visit): Finding {
  if (visit.kind === 'refused') return { answer: 'no callback', facts: {} }
  const { parameters, state } = visit
  if (parameters.has('code')) throw new Unanswered('the person authorized the app in place of declining')
  const isEchoed = parameters.get('state') === state
  const error = parameters.get('error')
  return {
    answer: `error ${wordOf(error ?? undefined)}, state ${isEchoed ? 'echoed' : 'missing'}`,
    facts: { parameters: [...parameters.keys()].map(wordOf).sort(), stateIsEchoed: isEchoed }
  }
}
