import { checkFault } from './fault-check.js'
import type { Fault, FaultAction, FaultOptions, FaultRequest, FaultStage } from './fault-options.js'
import { isTarget } from './fault-target.js'
import { HeldRequests } from './held-requests.js'

interface Entry {
  options: FaultOptions
  left: number
  /** Counts a hit, and resolves the promise of the first. */
  hit: () => void
}

/** The faults, in the order in which they were added. */
export class Faults {
  readonly heldRequests = new HeldRequests()
  #entries: readonly Entry[] = []

  get isEmpty (): boolean {
    return this.#entries.length === 0
  }

  /** @throws {EmulatorOptionError} the fault has an invalid field */
  add (options: FaultOptions): Fault {
    checkFault(options)
    let hits = 0
    let resolve = (): void => {}
    const firstHit = new Promise<void>((_resolve) => { resolve = _resolve })
    const hit = (): void => {
      hits++
      resolve()
    }
    const entry: Entry = { options: { ...options }, left: options.times ?? 1, hit }
    this.#entries = [...this.#entries, entry]
    return { get hits () { return hits }, hit: firstHit, remove: () => { this.#remove(entry) } }
  }

  clear (): void {
    for (const entry of this.#entries) this.#remove(entry)
  }

  reset (): void {
    this.clear()
    this.heldRequests.dropAll()
  }

  /**
   * Yields the faults that apply to a request at this stage. Each counts as happened when it is yielded, so that those
   * behind one that ends the request are left for the next request.
   */
  * take (stage: FaultStage, request: FaultRequest): Generator<FaultAction> {
    for (const entry of this.#entries) {
      const { on, match } = entry.options
      if (entry.left === 0 || stageOf(entry.options) !== stage || !isTarget(request.path, on)) continue
      if (match !== undefined && !match(request)) continue
      entry.left--
      if (entry.left === 0) this.#remove(entry)
      entry.hit()
      yield entry.options
    }
  }

  #remove (entry: Entry): void {
    entry.left = 0
    this.#entries = this.#entries.filter((other) => other !== entry)
  }
}

/** `cut` and `garble` need an answer, which exists only after the commit. */
function stageOf (action: FaultAction): FaultStage {
  if (action.do === 'cut' || action.do === 'garble') return 'after'
  return action.when ?? 'before'
}
