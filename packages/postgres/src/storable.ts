/** @throws {TypeError} PostgreSQL would refuse one of the texts, or store another in its place */
export function assertStorable (...texts: Array<string | null | undefined>): void {
  for (const text of texts) {
    if (text?.includes('\0') === true || text?.isWellFormed() === false) {
      throw new TypeError('PostgreSQL cannot hold a text with NUL or half a surrogate pair.')
    }
  }
}
