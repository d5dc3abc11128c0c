/** An option has an invalid value. The message names the option and never repeats a secret. */
export class EmulatorOptionError extends Error {
  readonly code = 'EMULATOR_OPTION'
  override readonly name = 'EmulatorOptionError'
}
