import type { Delay } from './fault-options.js'

/** Requests that are held up, so that an emulator that closes does not leave them waiting. */
export class Holds {
  readonly #breaks = new Set<() => void>()

  /** True when the delay is over, false when the emulator does not wait for it. */
  wait (delay: Delay): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (passed: boolean): void => {
        clearTimeout(timer)
        this.#breaks.delete(breakOff)
        resolve(passed)
      }
      const breakOff = (): void => { end(false) }
      const pass = (): void => { end(true) }
      const timer = 'ms' in delay ? setTimeout(pass, delay.ms) : undefined
      this.#breaks.add(breakOff)
      if ('until' in delay) delay.until.then(pass, pass)
    })
  }

  breakAll (): void {
    for (const breakOff of [...this.#breaks]) breakOff()
  }
}
