import { BadResponseError } from '../errors.js'
import { isJsonObject } from '../wire/lossless-json.js'
import { toId } from '../wire/token-answer.js'

/** Whose token it is. @see https://developers.miro.com/reference/get-access-token-context */
export interface TokenContext {
  userId: string
  userName: string | null
  teamId: string
  teamName: string | null
  /** `null` for teams without an organization. */
  organizationId: string | null
  organizationName: string | null
  scopes: string[]
}

/** Reads Miro's token context. @throws {BadResponseError} it names no user or no team */
export function parseTokenContext (value: unknown): TokenContext {
  const context = isJsonObject(value) ? value : {}
  const user = toNamed(context['user'])
  const team = toNamed(context['team'])
  const organization = toNamed(context['organization'])
  if (user.id === null || team.id === null) throw new BadResponseError()
  const scopes = context['scopes']
  return {
    userId: user.id,
    userName: user.name,
    teamId: team.id,
    teamName: team.name,
    organizationId: organization.id,
    organizationName: organization.name,
    scopes: Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === 'string') : []
  }
}

function toNamed (value: unknown): { id: string | null, name: string | null } {
  if (!isJsonObject(value)) return { id: null, name: null }
  return { id: toId(value['id']), name: typeof value['name'] === 'string' ? value['name'] : null }
}
