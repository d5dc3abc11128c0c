import { defaultBoards } from './default-boards.js'
import { toMiroId } from '../identifiers.js'
import { requireKnown } from '../known-names.js'
import { checkSeed } from './seed-check.js'
import type { CompleteSeed, EmulatorSeed, RegisteredApp, SeedTeam, SeedUser } from './seed.js'

/** Everybody knows it: the README names it. */
export const defaultClientSecret = 'emulator-client-secret'

const defaultApp: RegisteredApp = {
  clientId: toMiroId('client', 1),
  clientSecret: defaultClientSecret,
  name: 'Example app',
  redirectUris: ['http://localhost:3000/auth/miro/callback'],
  sdkUri: null,
  redirectUriForSdk: null,
  scopes: ['boards:read', 'boards:write'],
  expiring: true
}

const defaultUsers: readonly SeedUser[] = [
  { id: toMiroId('user', 1), name: 'Ada Lovelace', email: 'ada@example.com' },
  { id: toMiroId('user', 2), name: 'Grace Hopper', email: 'grace@example.com' },
  { id: toMiroId('user', 3), name: 'Katherine Johnson', email: 'katherine@example.com' }
]

/**
 * Completes a seed. Default teams have the given users as members, and default boards belong to the given teams.
 *
 * @throws {EmulatorOptionError} a part is not known, is invalid or refers to one that does not exist
 */
export function completeSeed (seed: EmulatorSeed): CompleteSeed {
  requireKnown('seed.', seed, { app: 0, users: 0, teams: 0, boards: 0 } satisfies Record<keyof EmulatorSeed, unknown>)
  requireKnown('seed.app.', seed.app ?? {}, defaultApp)
  const users = seed.users ?? defaultUsers
  const teams = seed.teams ?? defaultTeams(users)
  const boards = seed.boards ?? defaultBoards(teams)
  const complete = { app: completeApp(seed.app ?? {}), users, teams, boards }
  checkSeed(complete)
  return complete
}

function completeApp (app: NonNullable<EmulatorSeed['app']>): RegisteredApp {
  return {
    clientId: app.clientId ?? defaultApp.clientId,
    clientSecret: app.clientSecret ?? defaultApp.clientSecret,
    name: app.name ?? defaultApp.name,
    redirectUris: [...app.redirectUris ?? defaultApp.redirectUris],
    sdkUri: app.sdkUri ?? defaultApp.sdkUri,
    redirectUriForSdk: app.redirectUriForSdk ?? defaultApp.redirectUriForSdk,
    scopes: [...app.scopes ?? defaultApp.scopes],
    expiring: app.expiring ?? defaultApp.expiring
  }
}

/** All users are in the first team, and every other one in the second too, so that some are in two teams. */
function defaultTeams (users: readonly SeedUser[]): readonly SeedTeam[] {
  const everyone = users.map((user) => user.id)
  return [
    {
      id: toMiroId('team', 1),
      name: 'Acme Design',
      members: everyone,
      organization: { id: toMiroId('organization', 1), name: 'Acme' }
    },
    { id: toMiroId('team', 2), name: 'Harbour Studio', members: everyone.filter((_id, index) => index % 2 === 0) }
  ]
}
