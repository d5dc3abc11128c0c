import type { Random } from '../random.js'
import { eventually } from '../time.js'
import { Member } from './member.js'
import type { Command, Message, WorkerOptions } from './messages.js'

export interface FleetOptions {
  size: number
  random: Random
  /** The options that all processes share; each gets a clock and a seed of its own. */
  worker: Omit<WorkerOptions, 'id' | 'seed'>
  /** The clock of each process is off by at most this, either way. */
  clockSkewMs: number
  onMessage: (message: Message, member: Member) => void
}

/** A fixed number of processes: each that ends is replaced at once, as by a supervisor. */
export class Fleet {
  /** Every process that was ever started, by its id. */
  readonly members = new Map<string, Member>()
  readonly #options: FleetOptions
  readonly #slots: Array<Member | null>
  #isOver = false
  /** By how much `advance-clock` commands moved the clocks so far: a new process starts with it. */
  #advancedMs = 0

  constructor (options: FleetOptions) {
    this.#options = options
    this.#slots = Array.from({ length: options.size }, () => null)
    for (const slot of this.#slots.keys()) this.#fill(slot)
  }

  /** The processes that fill the slots now; those that are terminating have lost theirs. */
  get current (): Member[] {
    return this.#slots.filter((member) => member !== null)
  }

  /** The current processes that take tasks. */
  get available (): Member[] {
    return this.current.filter(({ isAvailable }) => isAvailable)
  }

  get crashes (): string[] {
    return [...this.members.values()].flatMap(({ crash }) => crash === null ? [] : [crash])
  }

  send (command: Command): void {
    if (command.type === 'advance-clock') this.#advancedMs += command.ms
    for (const member of this.members.values()) member.send(command)
  }

  /** @throws {Error} a process is not ready after a minute */
  async ready (): Promise<void> {
    const isUp = await eventually(() => this.current.every(({ isReady }) => isReady), { ms: 60_000, everyMs: 50 })
    if (!isUp) throw new Error(`The processes do not start. ${this.crashes.join('\n')}`)
  }

  /** Asks a process to end by itself, and fills its slot at once, as in a deployment. */
  terminate (member: Member): void {
    member.terminate()
    this.#fill(member.slot)
  }

  /** Ends all processes with SIGTERM, and those that still run after 15 s with SIGKILL. */
  async close (): Promise<void> {
    this.#isOver = true
    const left = [...this.members.values()].filter(({ endedAt }) => endedAt === null)
    for (const member of left) {
      member.resume()
      member.terminate()
    }
    const isEmpty = (): boolean => left.every(({ endedAt }) => endedAt !== null)
    if (!await eventually(isEmpty, { ms: 15_000, everyMs: 50 })) for (const member of left) member.kill()
    await Promise.all(left.map(({ ended }) => ended))
  }

  #fill (slot: number): void {
    const { random, worker, clockSkewMs, onMessage } = this.#options
    const id = `p${this.members.size + 1}`
    const aheadMs = worker.aheadMs + this.#advancedMs + random.between(-clockSkewMs, clockSkewMs)
    const member = new Member(slot, { ...worker, id, seed: random.below(2 ** 32), aheadMs }, onMessage)
    this.members.set(id, member)
    this.#slots[slot] = member
    member.ended.then(() => {
      if (!this.#isOver && this.#slots[slot] === member) this.#fill(slot)
    }, () => {})
  }
}
