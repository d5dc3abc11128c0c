import { EmulatorOptionError } from './option-error.js'

/**
 * Refuses a name that no option has: a misspelt option would be a switch, or a seed, that is not in force.
 *
 * @param names has a field for each option
 * @throws {EmulatorOptionError} naming the option
 */
export function requireKnown (where: string, given: object, names: object): void {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(names, name))
  if (unknown !== undefined) throw new EmulatorOptionError(`${where}${unknown.slice(0, 40)} is not known`)
}
