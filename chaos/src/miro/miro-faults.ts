import type { Emulator, FaultRequest } from '@miro-oauth/emulator'
import type { Random } from '../random.js'
import type { Timings } from '../timings.js'
import { apiFaults, tokenFaults, totalShare, type RandomFault } from './random-faults.js'
import type { RequestLog, TokenRequest } from './request-log.js'
import { senderOf } from './request-sender.js'

export interface MiroFaultOptions {
  emulator: Emulator
  random: Random
  requestLog: RequestLog
  timings: Timings
}

/** Makes the emulated Miro, and the connections to it, fail as the seed says. */
export class MiroFaults {
  readonly #emulator: Emulator
  readonly #random: Random
  readonly #requestLog: RequestLog
  /** What each token request was drawn, once; null for no fault, or for a fault that has happened. */
  readonly #drawn = new Map<string, RandomFault | null>()
  readonly #added: Array<{ remove: () => void }> = []
  readonly #tokenFaults: readonly RandomFault[]
  readonly #tokenShare: number

  constructor ({ emulator, random, requestLog, timings }: MiroFaultOptions) {
    this.#emulator = emulator
    this.#random = random
    this.#requestLog = requestLog
    this.#tokenFaults = tokenFaults(timings)
    this.#tokenShare = totalShare(this.#tokenFaults)
  }

  begin (): void {
    for (const fault of this.#tokenFaults) this.#add('token', fault, (request) => this.#meets(request, fault))
    for (const fault of apiFaults) this.#add('api', fault, () => this.#random.chance(fault.share))
  }

  /** Removes the faults; a request that one of them delays is still delayed to the end. */
  end (): void {
    for (const fault of this.#added.splice(0)) fault.remove()
  }

  #add (on: 'token' | 'api', { action }: RandomFault, match: (request: FaultRequest) => boolean): void {
    this.#added.push(this.#emulator.faults.add({ ...action, on, match, times: Infinity }))
  }

  #meets (request: FaultRequest, fault: RandomFault): boolean {
    const id = senderOf(request)
    if (id === null || this.#drawOnce(id) !== fault) return false
    this.#drawn.set(id, null)
    recordFault(this.#requestLog.request(id), fault)
    return true
  }

  #drawOnce (id: string): RandomFault | null {
    const known = this.#drawn.get(id)
    if (known !== undefined) return known
    const fault = this.#random.chance(this.#tokenShare) ? draw(this.#tokenFaults, this.#random) : null
    this.#drawn.set(id, fault)
    return fault
  }
}

/** Records what the judge needs: whether the answer is lost, or how long it is delayed, after Miro has acted. */
function recordFault (request: TokenRequest | undefined, { action, losesAnswer }: RandomFault): void {
  if (request === undefined) return
  if (losesAnswer) request.answerLost = action.do
  if (action.do === 'delay' && action.when === 'after' && 'ms' in action) request.answerDelayMs = action.ms
}

/** Picks one fault, each as likely as its share. */
function draw (faults: readonly RandomFault[], random: Random): RandomFault | null {
  let left = random.between(0, totalShare(faults))
  return faults.find(({ share }) => (left -= share) < 0) ?? null
}
