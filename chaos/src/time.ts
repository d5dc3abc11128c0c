import { performance } from 'node:perf_hooks'

/** The machine's time in epoch milliseconds, the same in every process, also where `Date` was put wrong on purpose. */
export function machineNow (): number {
  return performance.timeOrigin + performance.now()
}

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

/** Looks again every `everyMs` until `isSo`, and says whether it came to that within `ms`. */
export async function eventually (isSo: () => boolean | Promise<boolean>, { ms, everyMs }: { ms: number, everyMs: number }): Promise<boolean> {
  for (const end = machineNow() + ms; ;) {
    if (await isSo()) return true
    if (machineNow() >= end) return false
    await sleep(everyMs)
  }
}
