import type { SeedUser } from '../seed/seed.js'

export const roles = ['viewer', 'commenter', 'editor', 'coowner', 'owner'] as const

/** What a member may do on a board. The emulator stores and shows it, but does not enforce it. */
export type Role = typeof roles[number]

/** The members of a board that a user of a team owns: all of the team, the others as editors. */
export function toTeamRoles (team: readonly SeedUser[], ownerId: string): ReadonlyMap<string, Role> {
  return new Map(team.map(({ id }) => [id, id === ownerId ? 'owner' : 'editor']))
}
