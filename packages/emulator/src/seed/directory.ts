import { EmulatorMembershipError } from './membership-error.js'
import type { CompleteSeed, SeedTeam, SeedUser } from './seed.js'

/** A person in one of their teams, by their ids. */
export interface Person {
  userId: string
  teamId: string
}

/** One person in one team. An installation of the app belongs to a membership. */
export interface Membership {
  user: SeedUser
  team: SeedTeam
}

/** The users and teams of the seed. It does not change while the emulator runs. */
export class Directory {
  readonly #users: ReadonlyMap<string, SeedUser>
  readonly #teams: ReadonlyMap<string, SeedTeam>

  constructor (seed: CompleteSeed) {
    this.#users = new Map(seed.users.map((user) => [user.id, user]))
    this.#teams = new Map(seed.teams.map((team) => [team.id, team]))
  }

  /** All memberships, grouped by user, in the order of the seed. */
  memberships (): Membership[] {
    const teams = [...this.#teams.values()]
    return [...this.#users.values()].flatMap((user) =>
      teams.filter((team) => team.members.includes(user.id)).map((team) => ({ user, team })))
  }

  /** The members of a team, in the order of the seed's users. */
  membersOf (teamId: string): SeedUser[] {
    return this.memberships().filter(({ team }) => team.id === teamId).map(({ user }) => user)
  }

  /**
   * Finds a person by name, in the team of this name, or in their first one.
   *
   * @throws {EmulatorMembershipError} there is none
   */
  person (userName: string, teamName?: string): Person {
    const found = this.memberships().find(({ user, team }) =>
      user.name === userName && (teamName === undefined || team.name === teamName))
    if (found === undefined) throw new EmulatorMembershipError()
    return { userId: found.user.id, teamId: found.team.id }
  }

  users (): SeedUser[] {
    return [...this.#users.values()]
  }

  teams (): SeedTeam[] {
    return [...this.#teams.values()]
  }

  membership (userId: string, teamId: string): Membership | undefined {
    return this.memberships().find(({ user, team }) => user.id === userId && team.id === teamId)
  }

  userByEmail (email: string): SeedUser | undefined {
    return [...this.#users.values()].find((user) => user.email?.toLowerCase() === email.toLowerCase())
  }

  user (id: string): SeedUser | undefined {
    return this.#users.get(id)
  }

  team (id: string): SeedTeam | undefined {
    return this.#teams.get(id)
  }
}
