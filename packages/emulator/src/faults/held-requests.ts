import type { Delay } from './fault-options.js'

/** The requests that a delay holds now. Dropping them all lets an emulator reset or close while some are held. */
export class HeldRequests {
  readonly #drops = new Set<() => void>()

  /** HeldRequests a request. Resolves with true when the delay is over, and with false when the request is dropped. */
  hold (delay: Delay): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isOver: boolean): void => {
        clearTimeout(timer)
        this.#drops.delete(drop)
        resolve(isOver)
      }
      const drop = (): void => { end(false) }
      const release = (): void => { end(true) }
      const timer = 'ms' in delay ? setTimeout(release, delay.ms).unref() : undefined
      this.#drops.add(drop)
      if ('until' in delay) delay.until.then(release, release)
    })
  }

  dropAll (): void {
    for (const drop of [...this.#drops]) drop()
  }
}
