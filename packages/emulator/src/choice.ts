/** Whether a value from outside is one of the choices of an option. */
export function isChoice<Choice extends string> (value: unknown, choices: readonly Choice[]): value is Choice {
  return choices.some((choice) => choice === value)
}

/** Lists the choices in a message, such as `'envelope', 'rfc' or 'bare'`. */
export function listChoices (choices: readonly string[]): string {
  const quoted = choices.map((choice) => `'${choice}'`)
  return [quoted.slice(0, -1).join(', '), ...quoted.slice(-1)].join(' or ')
}
