import { NotConnectedError, ReauthorizeError, type Grant } from '@miro-oauth/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { toBoardRow } from './board-row.js'
import { requireSameOrigin } from './same-origin.js'

const pageSize = 6
const longestName = 60

const boardsQuery = { type: 'object', properties: { offset: { type: 'integer', minimum: 0, maximum: 1_000_000, default: 0 } } }
const newBoard = { type: 'object', required: ['name'], properties: { name: { type: 'string', pattern: '\\S', maxLength: longestName } } }

/** The pages. Each says what it may do in Miro through `request.miro`, which acts as the person who is signed in. */
export function registerPages (app: FastifyInstance, { origin }: { origin: string }): void {
  app.get('/', async (request, reply) => {
    return reply.view('home', { title: 'Boards', grant: await grantIfAny(request), loginUrl: app.miro.loginUrl({ returnTo: '/boards' }) })
  })

  app.get<{ Querystring: { offset: number } }>('/boards', {
    preHandler: app.miro.requireGrant,
    schema: { querystring: boardsQuery }
  }, (request, reply) => showBoards(request, reply, { offset: request.query.offset }))

  // Not behind requireGrant: its way to login would lead this form to Miro, which `form-action` forbids. Without a
  // grant the call below throws, and the error page has a link to login.
  app.post<{ Body: { name: string } }>('/boards', { attachValidation: true, schema: { body: newBoard } }, async (request, reply) => {
    requireSameOrigin(request, origin)
    if (request.validationError !== undefined) {
      return showBoards(request, reply.code(400), { problem: `A board’s name has 1 to ${longestName} characters.` })
    }
    await request.miro.boards.create({ name: request.body.name.trim() })
    return reply.redirect('/boards', 303)
  })
}

/** A grant that Miro refused is none: the page offers to sign in again. */
async function grantIfAny (request: FastifyRequest): Promise<Grant | null> {
  return request.miro.grant().catch((error: unknown) => {
    if (error instanceof ReauthorizeError) return null
    throw error
  })
}

async function showBoards (request: FastifyRequest, reply: FastifyReply, { offset = 0, problem = null }: { offset?: number, problem?: string | null }): Promise<FastifyReply> {
  const grant = await request.miro.grant()
  if (grant === null) throw new NotConnectedError()
  // With its team id Miro answers from the boards themselves; without it a new board takes seconds to appear.
  const page = await request.miro.boards.list({ team_id: grant.teamId, sort: 'last_modified', limit: pageSize, offset })
  return reply.view('boards', {
    title: 'Your boards',
    grant,
    rows: page.data.map(toBoardRow),
    total: page.total,
    first: offset + 1,
    last: offset + page.size,
    newer: offset === 0 ? null : Math.max(0, offset - pageSize),
    older: offset + page.size < page.total && page.size > 0 ? offset + page.size : null,
    problem,
    longestName
  })
}
