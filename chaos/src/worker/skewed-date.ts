/** Puts the wall clock of this process ahead, by as many milliseconds as `ahead` says, for libraries that take no clock. */
export function skewDate (ahead: () => number): void {
  const now = Date.now.bind(Date)
  const skewed = new Proxy(Date, {
    construct: (target, parts: unknown[], newTarget: new () => object) => Reflect.construct(target, parts.length === 0 ? [now() + ahead()] : parts, newTarget) as object,
    get: (target, name) => name === 'now' ? () => now() + ahead() : Reflect.get(target, name) as unknown
  })
  Object.assign(globalThis, { Date: skewed })
}
