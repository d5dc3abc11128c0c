import { NotConnectedError, ReauthorizeError, type Clock } from '@miro-oauth/core'
import type { ConsentedGrant } from '../grants/consented-grant.js'
import { RunningWork } from '../running-work.js'

/** How long a request waits for Miro's word. The question goes on without it. */
const longestWaitMs = 5_000
/** How long a question may take. */
const longestQuestionMs = 30_000
/** How long a question that got no answer holds up the next one: in an outage not every request can wait. */
const retryMs = 10_000
/** How many grants' answers are remembered. Of more, the oldest answer is forgotten, and its grant asked about anew. */
const maxRemembered = 10_000

type Ask = (signal: AbortSignal) => Promise<unknown>

/**
 * Asks Miro whether a grant still stands, where its last word is older than `afterMs`: tokens that do not expire are
 * never refreshed, so nothing else would tell that the grant was ended at Miro. In this process each grant has one
 * question at a time.
 */
export class GrantRecheck {
  readonly #clock: Clock
  readonly #afterMs: number | null
  readonly #running = new RunningWork<void>()
  /** Before which instant a grant is not asked about again, in epoch milliseconds. */
  readonly #restsUntil = new Map<string, number>()

  /** @param options.afterMs `null`: nothing is ever asked */
  constructor ({ clock, afterMs }: { clock: Clock, afterMs: number | null }) {
    this.#clock = clock
    this.#afterMs = afterMs
  }

  /** Whether anything is ever asked. */
  get isOn (): boolean {
    return this.#afterMs !== null
  }

  /**
   * Resolves where Miro's last word is recent, where it says yes, and where it does not answer.
   *
   * @param ask asks Miro with the grant's token, without a wait for its rate limit
   * @throws {ReauthorizeError | NotConnectedError} Miro refused the grant, or it ended meanwhile
   */
  async ensure ({ ref, consentId, snapshot }: ConsentedGrant, ask: Ask): Promise<void> {
    const afterMs = this.#afterMs
    if (afterMs === null) return
    const name = JSON.stringify([ref.userId, ref.teamId, consentId])
    const now = this.#clock.now()
    // An instant that lies far ahead was written by a clock that runs ahead.
    const isRecent = Math.abs(now - (snapshot.tokensIssuedAt ?? -Infinity)) < afterMs
    if (isRecent || now < (this.#restsUntil.get(name) ?? 0)) return
    const question = this.#running.run(name, () => this.#question(name, { ask, afterMs }))
    // The requests that wait for it may all have gone on.
    question.catch(() => {})
    const isLate = await this.#waitFor(question)
    // The requests that follow need not wait for the same silence.
    if (isLate) this.#rest(name, Math.min(afterMs, retryMs))
  }

  async #question (name: string, { ask, afterMs }: { ask: Ask, afterMs: number }): Promise<void> {
    const restMs = await this.#ask(ask).then(() => afterMs, (error: unknown) => {
      if (error instanceof ReauthorizeError || error instanceof NotConnectedError) throw error
      return Math.min(afterMs, retryMs)
    })
    this.#rest(name, restMs)
  }

  async #ask (ask: Ask): Promise<void> {
    const ended = new AbortController()
    const late = this.#clock.wait(longestQuestionMs, ended.signal).then(() => { throw new Error('Miro did not answer.') })
    await Promise.race([ask(ended.signal), late]).finally(() => ended.abort())
  }

  #rest (name: string, restMs: number): void {
    // Deleted first, so that it is the newest.
    this.#restsUntil.delete(name)
    for (const oldest of this.#restsUntil.keys()) {
      if (this.#restsUntil.size < maxRemembered) break
      this.#restsUntil.delete(oldest)
    }
    this.#restsUntil.set(name, this.#clock.now() + restMs)
  }

  /** Returns whether the request goes on without an answer. */
  async #waitFor (question: Promise<void>): Promise<boolean> {
    const ended = new AbortController()
    const answered = question.then(() => false)
    const late = this.#clock.wait(longestWaitMs, ended.signal).then(() => true)
    return Promise.race([answered, late]).finally(() => ended.abort())
  }
}
