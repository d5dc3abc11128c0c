import { UnavailableError, type Clock, type Grant, type GrantRef, type MiroAuth } from '@miro-oauth/core'
import { BoundedMap, namesOf, withDeadline } from '@miro-oauth/core/internal'

/** How many grants' questions are remembered. */
const limit = 1000
/** How long a page waits. Miro has as long to answer, but the names are stored after that, by a store that may hang. */
const patienceMs = 2000

/** A question to Miro, for one connect of a grant. */
interface Question {
  connectedAt: number
  answer: Promise<Grant | null>
}

/**
 * The names of new grants. Miro is asked for them while the person is on the way back, so that the redirect need not
 * wait. The page they come to waits instead, two seconds at most; a page of another process does not, and has no names
 * until they are stored. Core's `close()` waits for the question.
 */
export class GrantNames {
  readonly #auth: Pick<MiroAuth, 'fetchNames'>
  readonly #clock: Clock
  readonly #questions = new BoundedMap<Question>(limit)

  constructor (auth: Pick<MiroAuth, 'fetchNames'>, clock: Clock) {
    this.#auth = auth
    this.#clock = clock
  }

  /** Asks Miro for the names of a grant that was just connected. Never rejects; `null`: they could not be had. */
  async ask ({ userId, teamId, connectedAt }: Grant): Promise<Grant | null> {
    const answer = this.#auth.fetchNames({ userId, teamId }).catch(() => null)
    this.#questions.set(nameOf({ userId, teamId }), { connectedAt, answer })
    return answer
  }

  /** The same where Miro was not asked before, for a caller that does not wait. */
  askOnce (grant: Grant): void {
    if (this.#questionOf(grant) === null) this.ask(grant).catch(() => {})
  }

  /** A grant with its names, once Miro has answered where it was asked for them in this process. */
  async complete (grant: Grant): Promise<Grant> {
    if (grant.userName !== undefined) return grant
    const question = this.#questionOf(grant)
    const named = question === null ? null : await this.#inTime(question)
    return named === null ? grant : { ...grant, ...namesOf(named) }
  }

  #questionOf (grant: Grant): Question | null {
    const question = this.#questions.get(nameOf(grant))
    return question?.connectedAt === grant.connectedAt ? question : null
  }

  async #inTime ({ answer }: Question): Promise<Grant | null> {
    const limits = { clock: this.#clock, ms: patienceMs, late: () => new UnavailableError() }
    return withDeadline(answer, limits).catch(() => null)
  }
}

function nameOf ({ userId, teamId }: GrantRef): string {
  return JSON.stringify([userId, teamId])
}
