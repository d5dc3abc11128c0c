import type { EmulatorSeed } from '@miro-oauth/emulator'
import type { Person } from '../people/person.js'

export const redirectUri = 'http://localhost:3000/callback'

/** The registered app, and for each person a team and a board of their own. */
export function toSeed (people: readonly Person[]): EmulatorSeed {
  return {
    app: { redirectUris: [redirectUri] },
    users: people.map(({ userId, index }) => ({ id: userId, name: `Person ${index}` })),
    teams: people.map(({ userId, teamId, index }) => ({ id: teamId, name: `Team ${index}`, members: [userId] })),
    boards: people.map(({ userId, teamId, index }) => ({
      id: `board-${index}`, name: `Board ${index}`, teamId, ownerId: userId
    }))
  }
}
