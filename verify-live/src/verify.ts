import type { Config } from './config.js'
import { questions } from './questions/index.js'
import type { Question } from './questions/question.js'
import { type Outcome, type ReportEntry, toReport } from './report.js'
import { CallbackServer } from './session/callback-server.js'
import type { Person } from './session/person.js'
import { Session } from './session/session.js'
import { Unanswered } from './unanswered.js'
import { Miro } from './wire/miro.js'
import { Secrets } from './wire/secrets.js'

/** Between two requests. */
const pauseMs = 500

export interface VerifyOptions {
  config: Config
  person: Person
  wait: (ms: number) => Promise<unknown>
  now: () => Date
  /** Default: the platform's. */
  fetch?: typeof fetch
  /** Called after each question with the text of the file, so that an interrupted run keeps its answers. */
  save: (text: string) => void
}

/** Asks all questions, one by one. */
export async function verify ({ config, person, wait, now, save, ...options }: VerifyOptions): Promise<void> {
  const { fetch = globalThis.fetch } = options
  const secrets = new Secrets()
  secrets.add(config.clientId, config.clientSecret)
  const miro = new Miro({ config, secrets, pause: () => wait(pauseMs), fetch })
  const callbacks = await CallbackServer.listen(config.redirectUri)
  try {
    const session = new Session({ config, secrets, miro, person, callbacks, wait })
    const entries: ReportEntry[] = []
    for (const [index, question] of questions.entries()) {
      person.tell(`\n${index + 1} of ${questions.length} · ${question.question}`)
      const outcome = await askQuestion(question, session)
      entries.push({ question, outcome })
      person.tell(toLine(outcome, secrets))
      save(toReport(entries, { measuredAt: now(), apiUrl: config.apiUrl, secrets }))
    }
    if (await person.confirm('Revoke the tokens that are left of this run?')) await session.revokeAll()
  } finally {
    await callbacks.close()
  }
}

async function askQuestion (question: Question, session: Session): Promise<Outcome> {
  const { agreeTo } = question
  if (agreeTo !== undefined && !await session.person.confirm(`${agreeTo} Go on?`)) {
    return { kind: 'unanswered', why: 'left out by the person' }
  }
  try {
    return { kind: 'answered', finding: await question.ask(session) }
  } catch (error) {
    if (error instanceof Unanswered) return { kind: 'unanswered', why: error.message }
    throw error
  }
}

function toLine (outcome: Outcome, secrets: Secrets): string {
  const text = outcome.kind === 'answered' ? outcome.finding.answer : `no answer: ${outcome.why}`
  return `→ ${String(secrets.withhold(text))}`
}
