import { EmulatorOptionError } from '../option-error.js'
import type { CompleteSeed, RegisteredApp } from './seed.js'

// With `ids: 'numbers'`, an id is a bare number: it must fit Miro's signed 64-bit integers.
const miroId = /^[1-9]\d{0,18}$/

/** @throws {EmulatorOptionError} naming the invalid part of the seed */
export function checkSeed (seed: CompleteSeed): void {
  checkApp(seed.app)
  checkPeople(seed)
  checkBoards(seed)
}

/**
 * The app with another client secret.
 *
 * @throws {EmulatorOptionError} the secret is empty
 */
export function withSecret (app: RegisteredApp, clientSecret: string): RegisteredApp {
  const changed = { ...app, clientSecret }
  checkApp(changed)
  return changed
}

function checkApp (app: RegisteredApp): void {
  demandText(app.clientId, 'clientId')
  demandText(app.clientSecret, 'clientSecret')
  // Several scopes in one text would be one that no operation asks for.
  for (const scope of app.scopes) demandText(scope, 'scopes')
  demand(app.redirectUris.length > 0, 'seed.app.redirectUris is empty')
  for (const uri of app.redirectUris) demandUri(uri, 'redirectUris')
  if (app.sdkUri !== null) demandUri(app.sdkUri, 'sdkUri')
  const { redirectUriForSdk: forSdk } = app
  demand(forSdk === null || app.redirectUris.includes(forSdk), 'seed.app.redirectUriForSdk is not one of redirectUris')
}

/** As at Miro, so that what starts here starts there: an app refuses a client id or secret with white space in it. */
function demandText (text: string, part: string): void {
  demand(text !== '', `seed.app.${part} is empty`)
  demand(!/\s/.test(text), `seed.app.${part} holds white space`)
}

function demandUri (uri: string, part: string): void {
  const problem = `${JSON.stringify(uri)} is not an absolute ASCII http(s) URL without a fragment`
  demand(isHttpUri(uri), `seed.app.${part}: ${problem}`)
}

function checkPeople ({ users, teams }: CompleteSeed): void {
  const userIds = checkIds(users, 'users')
  checkIds(teams, 'teams')
  demand(teams.some((team) => team.members.length > 0), 'seed.teams: no team has a member')
  for (const team of teams) {
    for (const member of team.members) demand(userIds.has(member), `seed.teams: ${member} is not the id of a user`)
  }
}

function checkBoards ({ boards, teams }: CompleteSeed): void {
  const ids = new Set(boards.map((board) => board.id))
  demand(ids.size === boards.length, 'seed.boards: an id occurs twice')
  for (const board of boards) {
    const team = teams.find(({ id }) => id === board.teamId)
    demand(team !== undefined, `seed.boards: ${board.teamId} is not the id of a team`)
    const isMember = team?.members.includes(board.ownerId) === true
    demand(isMember, `seed.boards: ${board.ownerId} is not a member of the board's team`)
  }
}

function checkIds (list: readonly { id: string }[], part: string): Set<string> {
  for (const { id } of list) {
    demand(miroId.test(id), `seed.${part}: ${JSON.stringify(id)} is not an id of 1 to 19 digits`)
  }
  const ids = new Set(list.map(({ id }) => id))
  demand(ids.size === list.length, `seed.${part}: an id occurs twice`)
  return ids
}

function isHttpUri (uri: string): boolean {
  // A redirect URI is sent in a `location` header byte for byte, so it may have no character that a header cannot.
  return /^https?:\/\/[\x21-\x7e]+$/.test(uri) && !uri.includes('#') && URL.canParse(uri)
}

function demand (condition: boolean, message: string): void {
  if (!condition) throw new EmulatorOptionError(message)
}
