/** What happened to one process, from its fork to its end. Instants are epoch milliseconds of the machine. */
export interface ProcessLifetime {
  readonly id: string
  /** When it was sent SIGKILL. */
  readonly killedAt: number | null
  readonly endedAt: number | null
  /** The times from SIGSTOP to SIGCONT; `to` is null while the process is stopped. */
  readonly stops: ReadonlyArray<{ from: number, to: number | null }>
}

/** How many milliseconds of the time between two instants the process was stopped. */
export function stoppedMs ({ stops }: ProcessLifetime, from: number, to: number): number {
  return stops.reduce((total, stop) => total + Math.max(0, Math.min(stop.to ?? to, to) - Math.max(stop.from, from)), 0)
}
