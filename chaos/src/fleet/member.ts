import { fork, type ChildProcess } from 'node:child_process'
import { machineNow } from '../time.js'
import { childEnvironment } from './child-environment.js'
import type { Command, Message, Task, WorkerOptions } from './messages.js'
import type { ProcessLifetime } from './process-lifetime.js'

const workerUrl = new URL('../worker/storm-worker.js', import.meta.url)

interface PendingTask {
  task: Task
  resolve: (error: string | null) => void
}

/** A process of the fleet, as the driver sees it. */
export class Member implements ProcessLifetime {
  readonly id: string
  readonly slot: number
  readonly stops: Array<{ from: number, to: number | null }> = []
  killedAt: number | null = null
  /** When it was sent SIGTERM. */
  terminatedAt: number | null = null
  endedAt: number | null = null
  /** Its exit status and standard error, if it ended in another way than the driver asked for. */
  crash: string | null = null
  isReady = false
  readonly ended: Promise<void>
  readonly #child: ChildProcess
  #pending: PendingTask[] = []

  constructor (slot: number, options: WorkerOptions, onMessage: (message: Message, member: Member) => void) {
    this.id = options.id
    this.slot = slot
    this.#child = fork(workerUrl, [JSON.stringify(options)], {
      execArgv: [],
      env: childEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc']
    })
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

  /** Whether it takes tasks: ready, running, and not asked to end. */
  get isAvailable (): boolean {
    const isEnding = this.endedAt !== null || this.killedAt !== null || this.terminatedAt !== null
    return this.isReady && !isEnding && !this.isStopped
  }

  /** Gives it a task. Resolves with null when the task is done, else with a code: the subject's, or `gone`. */
  ask (task: Task): Promise<string | null> {
    return new Promise((resolve) => {
      if (this.endedAt !== null || !this.#child.connected) return resolve('gone')
      this.#pending.push({ task, resolve })
      this.#child.send(task, () => {})
    })
  }

  send (command: Command): void {
    if (this.#child.connected) this.#child.send(command, () => {})
  }

  /** Sends SIGKILL. */
  kill (): void {
    if (this.endedAt !== null) return
    this.killedAt ??= machineNow()
    this.#child.kill('SIGKILL')
  }

  /** Sends SIGTERM, on which the process closes and ends by itself. */
  terminate (): void {
    this.terminatedAt ??= machineNow()
    this.#child.kill('SIGTERM')
  }

  /** Sends SIGSTOP. */
  stop (): void {
    this.stops.push({ from: machineNow(), to: null })
    this.#child.kill('SIGSTOP')
  }

  /** Sends SIGCONT, if the process is stopped. */
  resume (): void {
    const last = this.stops.at(-1)
    if (last?.to !== null || this.endedAt !== null) return
    this.#child.kill('SIGCONT')
    last.to = machineNow()
  }

  async #watchEnd (): Promise<void> {
    let stderr = ''
    this.#child.stderr?.on('data', (text) => { stderr = (stderr + String(text)).slice(-4000) })
    const status = await new Promise<string>((resolve) => {
      this.#child.once('exit', (code, signal) => { resolve(String(signal ?? code)) })
      this.#child.once('error', (error) => { resolve(error.message) })
    })
    this.endedAt = machineNow()
    if (!this.#isExpectedEnd(status)) this.crash = `${this.id} ended with ${status}: ${stderr}`
    for (const { resolve } of this.#pending.splice(0)) resolve('gone')
  }

  /** A terminating process that is killed too may still end by itself, if SIGKILL comes after its last instruction. */
  #isExpectedEnd (status: string): boolean {
    return (status === 'SIGKILL' && this.killedAt !== null) || (status === '0' && this.terminatedAt !== null)
  }

  #finishTask ({ task, error }: Extract<Message, { type: 'done' }>): void {
    const isSame = ({ task: { type, person } }: PendingTask): boolean => type === task.type && person === task.person
    this.#pending.find(isSame)?.resolve(error)
    this.#pending = this.#pending.filter((pending) => !isSame(pending))
  }
}
