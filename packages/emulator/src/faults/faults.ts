import { checkFault } from './fault-check.js'
import type { Fault, FaultAction, FaultOptions, FaultRequest, FaultStage } from './fault-options.js'
import { isTarget } from './fault-target.js'
import { HeldRequests } from './held-requests.js'

interface Entry {
  options: FaultOptions
  left: number
  /** Tells the holder of the fault that it happens. */
  happen: () => void
}

/** What is to go wrong, in the order in which it was added. */
export class Faults {
  readonly heldRequests = new HeldRequests()
  #entries: readonly Entry[] = []

  get isEmpty (): boolean {
    return this.#entries.length === 0
  }

  /** @throws {EmulatorOptionError} the fault could not work */
  add (options: FaultOptions): Fault {
    checkFault(options)
    let hits = 0
    let resolve = (): void => {}
    const hit = new Promise<void>((_resolve) => { resolve = _resolve })
    const happen = (): void => {
      hits++
      resolve()
    }
    const entry = { options: { ...options }, left: options.times ?? 1, happen }
    this.#entries = [...this.#entries, entry]
    return { get hits () { return hits }, hit, remove: () => { this.#remove(entry) } }
  }

  clear (): void {
    for (const entry of this.#entries) this.#remove(entry)
  }

  reset (): void {
    this.clear()
    this.heldRequests.dropAll()
  }

  /**
   * What goes wrong with a request at this stage, one after the other: each counts as soon as it is taken, so that one
   * which is not reached, as an earlier fault ended the request, is still there for the next request.
   */
  * take (stage: FaultStage, request: FaultRequest): Generator<FaultAction> {
    for (const entry of this.#entries) {
      const { on, match } = entry.options
      if (entry.left === 0 || stageOf(entry.options) !== stage || !isTarget(request.path, on)) continue
      if (match !== undefined && !match(request)) continue
      entry.left--
      if (entry.left === 0) this.#remove(entry)
      entry.happen()
      yield entry.options
    }
  }

  #remove (entry: Entry): void {
    entry.left = 0
    this.#entries = this.#entries.filter((other) => other !== entry)
  }
}

/** Only an answer can be cut or garbled, and there is none before the commit. */
function stageOf (action: FaultAction): FaultStage {
  if (action.do === 'cut' || action.do === 'garble') return 'after'
  return action.when ?? 'before'
}
