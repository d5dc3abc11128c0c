/**
 * What is left out of `T`, or is `undefined`, has its default, also under `exactOptionalPropertyTypes`: a configuration
 * often lacks options.
 */
export type Optional<T> = { [Name in keyof T]?: T[Name] | undefined }

/** Fills in the defaults of what was left out. */
export function withDefaults<T extends object> (defaults: T, given: Optional<T> = {}): T {
  return { ...defaults, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) }
}
