import type { Random } from '../random.js'
import { eventually } from '../time.js'
import { Member } from './member.js'
import type { Command, Message, WorkerOptions } from './messages.js'

export interface FleetOptions {
  size: number
  random: Random
  /** What every process is told; the clock and the seed are each one's own. */
  worker: Omit<WorkerOptions, 'id' | 'seed'>
  clocksApartMs: number
  onMessage: (message: Message, member: Member) => void
}

/** A fixed number of processes: whichever ends is followed by a new one at once, as under any supervisor. */
export class Fleet {
  /** Everybody there ever was, by name. */
  readonly members = new Map<string, Member>()
  readonly #options: FleetOptions
  readonly #slots: Array<Member | null>
  #isOver = false
  #leptMs = 0

  constructor (options: FleetOptions) {
    this.#options = options
    this.#slots = Array.from({ length: options.size }, () => null)
    for (const slot of this.#slots.keys()) this.#fill(slot)
  }

  /** Those that hold a place now. */
  get standing (): Member[] {
    return this.#slots.filter((member) => member !== null)
  }

  get atWork (): Member[] {
    return this.standing.filter(({ isAtWork }) => isAtWork)
  }

  get crashes (): string[] {
    return [...this.members.values()].flatMap(({ crash }) => crash === null ? [] : [crash])
  }

  send (command: Command): void {
    if (command.type === 'advance-clock') this.#leptMs += command.ms
    for (const member of this.members.values()) member.send(command)
  }

  /** @throws {Error} not all of them came up */
  async ready (): Promise<void> {
    const isUp = await eventually(() => this.standing.every(({ isReady }) => isReady), { ms: 60_000, everyMs: 50 })
    if (!isUp) throw new Error(`The processes do not start. ${this.crashes.join('\n')}`)
  }

  /** Asks one to end by itself; its place is filled at once, as in a deployment. */
  term (member: Member): void {
    member.term()
    this.#fill(member.slot)
  }

  /** Ends everybody, by asking first. */
  async close (): Promise<void> {
    this.#isOver = true
    const left = [...this.members.values()].filter(({ endedAt }) => endedAt === null)
    for (const member of left) {
      member.goOn()
      member.term()
    }
    const isEmpty = (): boolean => left.every(({ endedAt }) => endedAt !== null)
    if (!await eventually(isEmpty, { ms: 15_000, everyMs: 50 })) for (const member of left) member.kill()
    await Promise.all(left.map(({ ended }) => ended))
  }

  #fill (slot: number): void {
    const { random, worker, clocksApartMs, onMessage } = this.#options
    const id = `p${this.members.size + 1}`
    const aheadMs = worker.aheadMs + this.#leptMs + random.between(-clocksApartMs, clocksApartMs)
    const member = new Member(slot, { ...worker, id, seed: random.below(2 ** 32), aheadMs }, onMessage)
    this.members.set(id, member)
    this.#slots[slot] = member
    member.ended.then(() => {
      if (!this.#isOver && this.#slots[slot] === member) this.#fill(slot)
    }, () => {})
  }
}
