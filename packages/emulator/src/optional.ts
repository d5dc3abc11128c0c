/** What is left out of `T`, or is `undefined`, has its default. */
export type Optional<T> = { [Name in keyof T]?: T[Name] | undefined }
