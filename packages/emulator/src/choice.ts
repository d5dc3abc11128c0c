/** Whether a value that came from outside is one of the words that an option takes. */
export function isChoice<Word extends string> (value: unknown, words: readonly Word[]): value is Word {
  return words.some((word) => word === value)
}

/** `'keep' or 'replace'`, `'envelope', 'rfc' or 'bare'`. */
export function listChoices (words: readonly string[]): string {
  const quoted = words.map((word) => `'${word}'`)
  return [quoted.slice(0, -1).join(', '), ...quoted.slice(-1)].join(' or ')
}
