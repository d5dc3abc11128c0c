import type { FastifyRequest } from 'fastify'
import { readFields } from '../fields/read-fields.js'
import { type Members, object } from '../fields/rule.js'
import { text } from '../fields/values.js'
import type { Subject } from '../model/token-pair.js'
import { forbidden, notFound } from '../wire/envelope.js'
import { overlayPolicy, policyRule } from './board-policy.js'
import type { Board } from './board.js'

/** The fields of a board that an app chooses. */
type BoardFields = Pick<Board, 'name' | 'description' | 'policy'>

const boardRule = object({
  name: text({ min: 1, max: 60 }),
  description: text({ max: 300 }),
  policy: policyRule,
  teamId: text(),
  projectId: text()
})

/**
 * Reads the body of a board that is created, copied or changed. What it leaves out is that of `current`.
 *
 * @throws {MiroRefusal} 400 for a field out of bounds, 403 for a team the token does not reach, 404 for a project
 */
export function readBoardFields (request: FastifyRequest, current: BoardFields, { teamId }: Subject): BoardFields {
  const fields = readFields(request, boardRule, true)
  if (fields['teamId'] !== undefined && fields['teamId'] !== teamId) throw forbidden('The token does not reach this team')
  if (fields['projectId'] !== undefined) throw notFound('Project not found')
  return {
    name: readText(fields, 'name') ?? current.name,
    description: readText(fields, 'description') ?? current.description,
    policy: overlayPolicy(current.policy, fields['policy'])
  }
}

function readText (fields: Members, name: string): string | undefined {
  const value = fields[name]
  return typeof value === 'string' ? value : undefined
}
