/** @throws {TypeError} PostgreSQL would refuse one of the texts, or store another in its place */
export function assertStorable (...texts: Array<string | null | undefined>): void {
  for (const text of texts) {
    const error = text === null || text === undefined ? null : unstorableOf(text)
    if (error !== null) throw error
  }
}

/** What is wrong with a text that PostgreSQL cannot hold; `null`: nothing is. */
export function unstorableOf (text: string): TypeError | null {
  if (!text.includes('\0') && text.isWellFormed()) return null
  return new TypeError('PostgreSQL cannot hold a text with NUL or half a surrogate pair.')
}
