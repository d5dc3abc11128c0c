/** Replaces the global `Date`, so that libraries that take no clock read one that is `aheadMs()` ahead. */
export function skewDate (aheadMs: () => number): void {
  const now = Date.now.bind(Date)
  const skewedNow = (): number => now() + aheadMs()
  const skewed = new Proxy(Date, {
    construct (target, parts: unknown[], newTarget: new () => object) {
      return Reflect.construct(target, parts.length === 0 ? [skewedNow()] : parts, newTarget) as object
    },
    get: (target, name) => name === 'now' ? skewedNow : Reflect.get(target, name) as unknown
  })
  Object.assign(globalThis, { Date: skewed })
}
