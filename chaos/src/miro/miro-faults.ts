import type { Emulator, FaultAction, FaultRequest } from '@miro-oauth/emulator'
import type { Random } from '../random.js'
import type { Timings } from '../timings.js'
import type { RequestLog, TokenRequest } from './request-log.js'
import { senderOf } from './token-watch.js'

/** Something that goes wrong at Miro, and how often: the share of requests. */
interface Trouble {
  action: FaultAction
  share: number
  /** Whether Miro had acted when the answer was lost. */
  losesAnswer?: true
}

const tokenTroubles: Trouble[] = [
  { action: { do: 'drop' }, share: 0.003 },
  { action: { do: 'answer', status: 503 }, share: 0.004 },
  { action: { do: 'answer', status: 429, headers: { 'retry-after': '1' } }, share: 0.003 },
  { action: { do: 'drop', when: 'after' }, share: 0.0015, losesAnswer: true },
  { action: { do: 'answer', when: 'after', status: 502 }, share: 0.001, losesAnswer: true },
  { action: { do: 'cut' }, share: 0.0015, losesAnswer: true },
  { action: { do: 'garble', as: 'truncated' }, share: 0.0005, losesAnswer: true },
  { action: { do: 'garble', as: 'types' }, share: 0.0003, losesAnswer: true },
  { action: { do: 'garble', as: 'html' }, share: 0.0002, losesAnswer: true }
]
const apiTroubles: Trouble[] = [
  { action: { do: 'drop' }, share: 0.003 },
  { action: { do: 'cut' }, share: 0.002 },
  { action: { do: 'answer', status: 503 }, share: 0.003 },
  { action: { do: 'answer', status: 429, headers: { 'retry-after': '1' } }, share: 0.002 },
  { action: { do: 'delay', ms: 1000 }, share: 0.005 }
]
const slowShare = 0.01
/** Faults hold requests for a fixed time each, so there is one for each of these steps. */
const slowSteps = 8

/** Has Miro, and the way to it, fail as the seed says. What one request meets is drawn once. */
export class MiroFaults {
  readonly #emulator: Emulator
  readonly #random: Random
  readonly #requestLog: RequestLog
  readonly #drawn = new Map<string, Trouble | null>()
  readonly #faults: Array<{ remove: () => void }> = []
  readonly #slow: Trouble[]
  readonly #tokenShare: number

  constructor ({ emulator, random, requestLog, timings }: { emulator: Emulator, random: Random, requestLog: RequestLog, timings: Timings }) {
    this.#emulator = emulator
    this.#random = random
    this.#requestLog = requestLog
    this.#slow = slowAnswers(timings)
    this.#tokenShare = sum([...tokenTroubles, ...this.#slow])
  }

  begin (): void {
    for (const trouble of [...tokenTroubles, ...this.#slow]) this.#add('token', trouble, (request) => this.#isDrawnForToken(request, trouble))
    for (const trouble of apiTroubles) this.#add('api', trouble, () => this.#random.chance(trouble.share))
  }

  /** No more faults from now on; what is held is held to its own end. */
  end (): void {
    for (const fault of this.#faults.splice(0)) fault.remove()
  }

  #add (on: 'token' | 'api', { action }: Trouble, match: (request: FaultRequest) => boolean): void {
    this.#faults.push(this.#emulator.faults.add({ ...action, on, match, times: Infinity }))
  }

  #isDrawnForToken (request: FaultRequest, trouble: Trouble): boolean {
    const id = senderOf(request)
    if (id === null || this.#draw(id) !== trouble) return false
    this.#drawn.set(id, null)
    note(this.#requestLog.request(id), trouble)
    return true
  }

  #draw (id: string): Trouble | null {
    const known = this.#drawn.get(id)
    if (known !== undefined) return known
    const drawn = this.#random.chance(this.#tokenShare) ? draw([...tokenTroubles, ...this.#slow], this.#random) : null
    this.#drawn.set(id, drawn)
    return drawn
  }
}

/** What the verdict has to know of it. */
function note (request: TokenRequest | undefined, { action, losesAnswer }: Trouble): void {
  if (request === undefined) return
  if (losesAnswer) request.answerLost = action.do
  if (action.do === 'delay' && action.when === 'after' && 'ms' in action) request.heldMs = action.ms
}

function slowAnswers ({ slowAnswer: { least, most } }: Timings): Trouble[] {
  return Array.from({ length: slowSteps }, (_, step) => {
    const ms = Math.round(least + (most - least) * step / (slowSteps - 1))
    return (['before', 'after'] as const).map((when): Trouble => ({ action: { do: 'delay', when, ms }, share: slowShare / slowSteps / 2 }))
  }).flat()
}

function draw (troubles: readonly Trouble[], random: Random): Trouble | null {
  let left = random.between(0, sum(troubles))
  return troubles.find(({ share }) => (left -= share) < 0) ?? null
}

function sum (troubles: readonly Trouble[]): number {
  return troubles.reduce((total, { share }) => total + share, 0)
}
