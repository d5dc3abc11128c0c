import { fork, type ChildProcess } from 'node:child_process'
import { machineNow } from '../time.js'
import { childEnvironment } from './child-environment.js'
import type { Command, Task, Message, WorkerOptions } from './messages.js'

const workerUrl = new URL('../worker/main.js', import.meta.url)

/** One life of a process: what was done to it, and when. Instants are epoch milliseconds of the machine. */
export interface Life {
  readonly id: string
  readonly killedAt: number | null
  readonly endedAt: number | null
  /** When it stood still; the last may be open. */
  readonly stops: ReadonlyArray<{ from: number, to: number | null }>
}

/** A process of the fleet, as the driver sees it. */
export class Member implements Life {
  readonly id: string
  readonly slot: number
  readonly stops: Array<{ from: number, to: number | null }> = []
  killedAt: number | null = null
  /** When it was asked to end by itself. */
  termedAt: number | null = null
  endedAt: number | null = null
  /** How it ended, if nobody wanted it to. */
  crash: string | null = null
  isReady = false
  readonly ended: Promise<void>
  readonly #child: ChildProcess
  #waiting: Array<{ task: Task, resolve: (error: string | null) => void }> = []

  constructor (slot: number, options: WorkerOptions, onMessage: (message: Message, member: Member) => void) {
    this.id = options.id
    this.slot = slot
    this.#child = fork(workerUrl, [JSON.stringify(options)], { execArgv: [], env: childEnvironment(), stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    this.#child.on('message', (message: Message) => {
      if (message.type === 'ready') this.isReady = true
      if (message.type === 'done') this.#finishTask(message)
      onMessage(message, this)
    })
    this.ended = this.#watchEnd()
  }

  get isStopped (): boolean {
    return this.stops.at(-1)?.to === null
  }

  /** Whether it takes tasks: ready, running, and not told to go. */
  get isAtWork (): boolean {
    return this.isReady && this.endedAt === null && this.killedAt === null && this.termedAt === null && !this.isStopped
  }

  /** Resolves with what went wrong, or null. */
  ask (task: Task): Promise<string | null> {
    return new Promise((resolve) => {
      if (this.endedAt !== null || !this.#child.connected) return resolve('gone')
      this.#waiting.push({ task, resolve })
      this.#child.send(task, () => {})
    })
  }

  send (command: Command): void {
    if (this.#child.connected) this.#child.send(command, () => {})
  }

  kill (): void {
    if (this.endedAt !== null) return
    this.killedAt ??= machineNow()
    this.#child.kill('SIGKILL')
  }

  term (): void {
    this.termedAt ??= machineNow()
    this.#child.kill('SIGTERM')
  }

  stop (): void {
    this.stops.push({ from: machineNow(), to: null })
    this.#child.kill('SIGSTOP')
  }

  goOn (): void {
    const last = this.stops.at(-1)
    if (last?.to !== null || this.endedAt !== null) return
    this.#child.kill('SIGCONT')
    last.to = machineNow()
  }

  async #watchEnd (): Promise<void> {
    let said = ''
    this.#child.stderr?.on('data', (text) => { said = (said + String(text)).slice(-4000) })
    const how = await new Promise<string>((resolve) => {
      this.#child.once('exit', (code, signal) => { resolve(String(signal ?? code)) })
      this.#child.once('error', (error) => { resolve(error.message) })
    })
    this.endedAt = machineNow()
    const wanted = this.killedAt !== null ? 'SIGKILL' : this.termedAt !== null ? '0' : ''
    if (how !== wanted) this.crash = `${this.id} ended with ${how}: ${said}`
    for (const { resolve } of this.#waiting.splice(0)) resolve('gone')
  }

  #finishTask ({ task, error }: Extract<Message, { type: 'done' }>): void {
    const isIt = ({ task: { type, person } }: { task: Task }): boolean => type === task.type && person === task.person
    this.#waiting.find(isIt)?.resolve(error)
    this.#waiting = this.#waiting.filter((waiting) => !isIt(waiting))
  }
}
