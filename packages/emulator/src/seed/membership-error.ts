/** An id token was asked for a user or a team that does not exist, or for a user who is not a member of the team. */
export class EmulatorMembershipError extends Error {
  readonly code = 'EMULATOR_MEMBERSHIP'
  override readonly name = 'EmulatorMembershipError'

  constructor () {
    super('There is no such member of this team')
  }
}
