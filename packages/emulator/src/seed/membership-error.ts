/** A user or a team does not exist, or the user is not a member of the team. */
export class EmulatorMembershipError extends Error {
  readonly code = 'EMULATOR_MEMBERSHIP'
  override readonly name = 'EmulatorMembershipError'

  constructor () {
    super('There is no such member of this team')
  }
}
