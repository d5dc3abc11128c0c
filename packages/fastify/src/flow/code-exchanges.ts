import { CodeRejectedError, UnavailableError, type Clock } from '@miro-oauth/core'
import { startStopwatch } from '@miro-oauth/core/internal'
import { RateLimitedError } from '../errors.js'

/** Codes of one client that Miro may refuse in a row. Each further one takes the time below. */
const refusalsInRow = 60
const refusalMs = 1000
/** Clients that are counted. A stranger who has more addresses pushes out the oldest. */
const maxClients = 10_000

/** How long a person waits in line. */
const patienceMs = 8000

/**
 * Bounds what callbacks cost Miro, since a stranger can begin flows and make up codes: how many exchanges run at once,
 * and how many refused codes a client may send. It counts in each process alone.
 */
export class CodeExchanges {
  readonly #clock: Clock
  readonly #exchangesAtOnce: number
  readonly #elapsedMs: () => number
  /** When a client's refused codes are forgotten, by the stopwatch. The client that was counted last comes last. */
  readonly #forgottenAt = new Map<string, number>()
  /** Those that wait in line, the first one first. */
  readonly #line = new Set<() => void>()
  #running = 0

  /** @param options.exchangesAtOnce the rest waits in line */
  constructor ({ clock, exchangesAtOnce }: { clock: Clock, exchangesAtOnce: number }) {
    this.#clock = clock
    this.#exchangesAtOnce = exchangesAtOnce
    this.#elapsedMs = startStopwatch(clock)
  }

  /** @throws {RateLimitedError} Miro refused too many codes of this client */
  requireRoom (client: string): void {
    const debtMs = (this.#forgottenAt.get(client) ?? 0) - this.#elapsedMs()
    const waitMs = debtMs - (refusalsInRow - 1) * refusalMs
    if (waitMs > 0) throw new RateLimitedError(waitMs)
  }

  /**
   * Runs an exchange, once it is its turn.
   *
   * @throws {RateLimitedError}
   * @throws {UnavailableError} its turn did not come in time
   */
  async run<T> (client: string, exchange: () => Promise<T>): Promise<T> {
    await this.#enter()
    try {
      this.requireRoom(client)
      return await exchange()
    } catch (error) {
      if (error instanceof CodeRejectedError) this.#noteRefusal(client)
      throw error
    } finally {
      this.#leave()
    }
  }

  #noteRefusal (client: string): void {
    const forgottenAt = Math.max(this.#forgottenAt.get(client) ?? 0, this.#elapsedMs()) + refusalMs
    this.#forgottenAt.delete(client)
    this.#forgottenAt.set(client, forgottenAt)
    const [oldest] = this.#forgottenAt.keys()
    if (this.#forgottenAt.size > maxClients && oldest !== undefined) this.#forgottenAt.delete(oldest)
  }

  async #enter (): Promise<void> {
    if (this.#running < this.#exchangesAtOnce) {
      this.#running++
      return
    }
    const waiting = new AbortController()
    const called = (): void => { waiting.abort() }
    this.#line.add(called)
    await this.#clock.wait(patienceMs, waiting.signal)
    if (this.#line.delete(called)) throw new UnavailableError({ cause: new Error('Too many sign-ins are under way in this process.') })
  }

  /** The turn of one that leaves goes on to the first in line. */
  #leave (): void {
    const [next] = this.#line
    if (next === undefined) {
      this.#running--
      return
    }
    this.#line.delete(next)
    next()
  }
}
