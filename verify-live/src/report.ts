import type { Finding, Question } from './questions/question.js'
import type { Secrets } from './wire/secrets.js'

/** What a run says about a question: what was found, or why nothing was. */
export type Outcome = { kind: 'answered', finding: Finding } | { kind: 'unanswered', why: string }

export interface ReportEntry {
  question: Pick<Question, 'id' | 'question'>
  outcome: Outcome
}

/** The text of the file: JSON, with `[withheld]` in place of what has a secret in it. */
export function toReport (entries: readonly ReportEntry[], { measuredAt, apiUrl, secrets }: {
  measuredAt: Date
  apiUrl: string
  secrets: Secrets
}): string {
  const report = {
    measuredAt: measuredAt.toISOString(),
    measured: apiUrl === 'https://api.miro.com' ? 'Miro' : 'another server',
    answers: entries.map((entry) => toJson(entry, secrets))
  }
  return `${JSON.stringify(report, null, 2)}\n`
}

function toJson ({ question: { id, question }, outcome }: ReportEntry, secrets: Secrets) {
  if (outcome.kind === 'unanswered') return { id, question, unanswered: secrets.withhold(outcome.why) }
  const { answer, facts } = outcome.finding
  return { id, question, answer: secrets.withhold(answer), facts: secrets.withhold(facts) }
}
