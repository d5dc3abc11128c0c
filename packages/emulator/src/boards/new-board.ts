import { parsePolicy } from './board-policy.js'
import { forbidden, invalidParameters, notFound } from '../wire/envelope.js'
import type { NewBoard } from './boards.js'
import type { Subject } from '../model/token-pair.js'

const maxName = 60
const maxDescription = 300

/**
 * Reads the body of `POST /v2/boards`.
 *
 * @throws {MiroRefusal} 400 for a field out of bounds, 403 for a team the token does not reach, 404 for a project
 */
export function parseNewBoard (body: ReadonlyMap<string, unknown>, owner: Subject): NewBoard {
  const name = readText(body, 'name') ?? 'Untitled'
  const description = readText(body, 'description') ?? ''
  const teamId = readText(body, 'teamId') ?? owner.teamId
  if (name.length < 1 || name.length > maxName) throw invalidParameters(`name must have 1 to ${maxName} characters`)
  if (description.length > maxDescription) {
    throw invalidParameters(`description must have at most ${maxDescription} characters`)
  }
  const policy = parsePolicy(body.get('policy'))
  if (teamId !== owner.teamId) throw forbidden('The token does not reach this team')
  if (readText(body, 'projectId') !== undefined) throw notFound('Project not found')
  return { name, description, teamId, ownerId: owner.userId, policy }
}

function readText (body: ReadonlyMap<string, unknown>, field: string): string | undefined {
  const value = body.get(field)
  if (value !== undefined && typeof value !== 'string') throw invalidParameters(`${field} must be a string`)
  return value
}
