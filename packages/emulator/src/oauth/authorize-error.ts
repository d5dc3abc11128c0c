/** The authorize page could not be answered: the URL is not that of the emulator's page, or the page refused it. */
export class EmulatorAuthorizeError extends Error {
  readonly code = 'EMULATOR_AUTHORIZE'
  override readonly name = 'EmulatorAuthorizeError'
}
