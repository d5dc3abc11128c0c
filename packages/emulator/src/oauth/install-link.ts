import type { RegisteredApp } from '../seed/seed.js'

/**
 * The path and query of an install that Miro starts, from its Marketplace or from a board: its authorize page by
 * another name, without a `state`, since no server of the app made one.
 *
 * @param person.userId preselects the person, who at Miro is the one that is signed in
 * @see https://developers.miro.com/docs/enable_api_authentication_from_sdk_authorization
 */
export function toInstallLink (app: RegisteredApp, person: { userId: string, teamId: string }): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: app.clientId,
    redirect_uri: app.redirectUriForSdk ?? app.redirectUris[0] ?? '',
    team_id: person.teamId,
    emulator_user: person.userId
  })
  return `/app-install/?${query}`
}
