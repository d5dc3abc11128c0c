import { CodeRejectedError, UnavailableError, type Clock } from '@miro-oauth/core'
import { startStopwatch } from '@miro-oauth/core/internal'
import { RateLimitedError } from '../errors.js'

/** Codes of one client that Miro may refuse in a row. Each further one takes the time below. */
const refusalsInRow = 60
const refusalMs = 1000
/** Clients that are counted. A stranger who has more addresses pushes out the oldest. */
const maxClients = 10_000

/** The part of the places that one client may have: a stranger must not fill them all while Miro is slow. */
const clientShare = 1 / 2
/** How long a person waits in line. */
const patienceMs = 8000
/** How long the line is at most: each that waits holds a connection. */
const longestLine = 1000

/** An exchange that waits for its turn. */
interface Waiting {
  client: string
  call: () => void
}

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
  readonly #line = new Set<Waiting>()
  /** The client of each exchange that runs. */
  readonly #running: string[] = []

  /** @param options.exchangesAtOnce the rest waits in line */
  constructor ({ clock, exchangesAtOnce }: { clock: Clock, exchangesAtOnce: number }) {
    this.#clock = clock
    this.#exchangesAtOnce = exchangesAtOnce
    this.#elapsedMs = startStopwatch(clock)
  }

  /**
   * Asked before a flow is spent, so that a callback that cannot be served now can be sent again, and leaves no record.
   *
   * @throws {RateLimitedError} Miro refused too many codes of this client
   * @throws {UnavailableError} the line is full
   */
  requireRoom (client: string): void {
    this.#requireFewRefusals(client)
    if (!this.#hasPlace(client) && this.#line.size >= longestLine) throw tooMany()
  }

  #requireFewRefusals (client: string): void {
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
    this.requireRoom(client)
    await this.#enter(client)
    try {
      // The codes that were before it in the line may have been refused.
      this.#requireFewRefusals(client)
      return await exchange()
    } catch (error) {
      if (error instanceof CodeRejectedError) this.#noteRefusal(client)
      throw error
    } finally {
      this.#leave(client)
    }
  }

  #noteRefusal (client: string): void {
    const forgottenAt = Math.max(this.#forgottenAt.get(client) ?? 0, this.#elapsedMs()) + refusalMs
    this.#forgottenAt.delete(client)
    this.#forgottenAt.set(client, forgottenAt)
    const [oldest] = this.#forgottenAt.keys()
    if (this.#forgottenAt.size > maxClients && oldest !== undefined) this.#forgottenAt.delete(oldest)
  }

  async #enter (client: string): Promise<void> {
    if (this.#hasPlace(client)) {
      this.#running.push(client)
      return
    }
    const called = new AbortController()
    const waiting = { client, call: () => { called.abort() } }
    this.#line.add(waiting)
    await this.#clock.wait(patienceMs, called.signal)
    if (this.#line.delete(waiting)) throw tooMany()
  }

  /** Gives the place to the first in line that may have it. */
  #leave (client: string): void {
    this.#running.splice(this.#running.indexOf(client), 1)
    for (const waiting of this.#line) {
      if (!this.#hasPlace(waiting.client)) continue
      this.#line.delete(waiting)
      this.#running.push(waiting.client)
      waiting.call()
      return
    }
  }

  #hasPlace (client: string): boolean {
    const own = this.#running.filter((other) => other === client).length
    return this.#running.length < this.#exchangesAtOnce && own < Math.ceil(this.#exchangesAtOnce * clientShare)
  }
}

function tooMany (): UnavailableError {
  return new UnavailableError({ cause: new Error('Too many sign-ins are under way in this process.') })
}
