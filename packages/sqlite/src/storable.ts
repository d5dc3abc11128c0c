/** @throws {TypeError} SQLite or its library would store another text in its place */
export function assertStorable (...texts: Array<string | null | undefined>): void {
  for (const text of texts) {
    if (text?.includes('\0') === true || text?.isWellFormed() === false) {
      throw new TypeError('SQLite cannot hold a text with NUL or half a surrogate pair.')
    }
  }
}

/** @throws {TypeError} SQLite would store NULL in its place, which means that the entry never expires */
export function assertInstant (expiresAt: number | null): void {
  if (Number.isNaN(expiresAt)) throw new TypeError('An expiry must be a number of milliseconds or null.')
}
