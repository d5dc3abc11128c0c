import { toBoardRow } from '@miro-oauth/example-shared'
import { NotConnectedError, ReauthorizeError, type Grant } from '@miro-oauth/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

const pageSize = 6
const longestName = 60

const boardsQuery = {
  type: 'object',
  properties: { offset: { type: 'integer', minimum: 0, maximum: 1_000_000, default: 0 } }
}
const newBoard = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string', pattern: '\\S', maxLength: longestName },
    grant: { type: 'string', maxLength: 200 }
  }
}

/** Home, the boards, and a form for a new board. `request.miro` acts in Miro as the person who is signed in. */
export async function boardPages (app: FastifyInstance): Promise<void> {
  // By person and name: the second click of a double click creates no second board. The page has no script that could
  // stop that click.
  const creating = new Map<string, Promise<unknown>>()

  app.get('/', async (request, reply) => {
    const grant = await findGrant(request)
    return reply.view('home', { title: 'Boards', grant, loginUrl: app.miro.loginUrl({ returnTo: '/boards' }) })
  })

  app.get<{ Querystring: { offset: number } }>('/boards', {
    preHandler: app.miro.requireGrant,
    schema: { querystring: boardsQuery }
  }, (request, reply) => showBoards(request, reply, { offset: request.query.offset }))

  // Not behind `requireGrant`: it would redirect the form to Miro, and the page's `form-action 'self'` forbids that.
  // Without a grant the handler throws, and the error page links to the login.
  app.post<{ Body: { name: string, grant?: string } }>('/boards', {
    onRequest: app.miro.requireSameOrigin,
    attachValidation: true,
    schema: { body: newBoard }
  }, async (request, reply) => {
    if (request.validationError !== undefined) {
      return showBoards(request, reply.code(400), { problem: `A board’s name has 1 to ${longestName} characters.` })
    }
    const grant = await requireGrant(request)
    const { name, grant: shown = toText(grant) } = request.body
    // A sign-in in another tab changes whose page this browser shows, and not the pages that are open already.
    if (shown !== toText(grant)) return showBoards(request, reply.code(409), { problem: otherPerson })
    await createBoard(request, { grant, name: name.trim(), creating })
    return reply.redirect('/boards', 303)
  })
}

/** The request's grant. One that Miro refused counts as none, so that the page offers to sign in again. */
async function findGrant (request: FastifyRequest): Promise<Grant | null> {
  return request.miro.grant().catch((error: unknown) => {
    if (error instanceof ReauthorizeError) return null
    throw error
  })
}

const otherPerson = 'Meanwhile somebody signed in here with another Miro user or team, so nothing was created.'

async function requireGrant (request: FastifyRequest): Promise<Grant> {
  const grant = await request.miro.grant()
  if (grant === null) throw new NotConnectedError()
  return grant
}

/** Names the person and team of a page, for the forms in it. */
function toText ({ userId, teamId }: Grant): string {
  return `${userId}/${teamId}`
}

async function createBoard ({ miro }: FastifyRequest, { grant, name, creating }: {
  grant: Grant
  name: string
  creating: Map<string, Promise<unknown>>
}): Promise<void> {
  const key = `${toText(grant)}/${name}`
  const begun = creating.get(key) ?? miro.boards.create({ name }).finally(() => creating.delete(key))
  creating.set(key, begun)
  await begun
}

async function showBoards (request: FastifyRequest, reply: FastifyReply, { offset = 0, problem = null }: {
  offset?: number
  problem?: string | null
}): Promise<FastifyReply> {
  const grant = await requireGrant(request)
  // With `team_id` Miro lists a new board at once, without it only after some seconds.
  const page = await request.miro.boards.list({ team_id: grant.teamId, sort: 'last_modified', limit: pageSize, offset })
  return reply.view('boards', {
    title: 'Your boards',
    grant,
    shownGrant: toText(grant),
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
