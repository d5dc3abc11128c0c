import { performance } from 'node:perf_hooks'

/** The machine's time in epoch milliseconds. All processes agree on it, even where a worker has replaced `Date`. */
export function machineNow (): number {
  return performance.timeOrigin + performance.now()
}

/** Resolves after `ms` milliseconds, or as soon as `signal` aborts. */
export function sleep (ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const timer = setTimeout(end, ms)
    signal?.addEventListener('abort', end)
    function end (): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
  })
}

type Condition = () => boolean | Promise<boolean>

interface Wait {
  ms: number
  everyMs: number
}

/** Checks a condition every `everyMs` until it holds, for `ms` at most. Returns whether it held in the end. */
export async function eventually (holds: Condition, { ms, everyMs }: Wait): Promise<boolean> {
  for (const end = machineNow() + ms; ;) {
    if (await holds()) return true
    if (machineNow() >= end) return false
    await sleep(everyMs)
  }
}
