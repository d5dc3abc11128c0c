import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Board } from '../boards/board.js'
import { toNotes } from '../boards/board-notes.js'
import type { Miro } from '../miro.js'
import { toInstallLink } from '../oauth/install-link.js'
import { type PageData, sendPage } from '../pages/pages.js'
import type { RegisteredApp, SeedUser } from '../seed/seed.js'
import { notFound } from '../wire/envelope.js'
import { readQuery } from '../wire/parameters.js'

/**
 * The page of a board's `viewLink`, in place of Miro's editor. It asks for no sign-in: the query's `user` says who is
 * at the board. It loads the app's `sdkUri` in a frame.
 */
export function registerBoardPage (server: FastifyInstance, miro: Miro): void {
  server.get<{ Params: { id: string } }>('/app/board/:id', (request, reply) => {
    const board = miro.state.boards.find(request.params.id)
    if (board === undefined) throw notFound('Board not found')
    const people = miro.directory.membersOf(board.teamId)
    const userId = readQuery(request).get('user') ?? people[0]?.id
    const person = people.find(({ id }) => id === userId)
    return person === undefined ? sendStranger(reply) : sendBoard(reply, miro, { board, people, person })
  })
}

function sendStranger (reply: FastifyReply): FastifyReply {
  const title = 'This person cannot open the board'
  const message = 'No member of the board’s team has this id.'
  return sendPage(reply, { name: 'failure', title, status: 403, data: { title, message } })
}

interface Visit {
  board: Board
  people: readonly SeedUser[]
  person: SeedUser
}

function sendBoard (reply: FastifyReply, miro: Miro, { board, people, person }: Visit): FastifyReply {
  const { app } = miro
  const { name, description, teamId } = board
  const install = toInstallLink(app, { userId: person.id, teamId })
  const data = {
    name,
    description,
    teamName: miro.directory.team(teamId)?.name ?? '',
    notes: toNotes(board),
    people: people.map((member) => ({ ...member, selected: member === person })),
    authorizeLink: app.redirectUriForSdk === null ? null : install,
    app: app.sdkUri === null ? null : toAppData({ ...app, sdkUri: app.sdkUri }, { board, person })
  }
  const framedOrigin = app.sdkUri === null ? null : new URL(app.sdkUri).origin
  return sendPage(reply, { name: 'board', title: name, data, traits: { framedOrigin } })
}

/** `setup` is what the page's script reads: JSON in an attribute, which the template escapes. */
function toAppData (app: RegisteredApp & { sdkUri: string }, { board, person }: {
  board: Board
  person: SeedUser
}): PageData['board']['app'] {
  const { name, sdkUri, scopes } = app
  const { id: boardId, teamId } = board
  const setup = { boardId, teamId, person, app: { name, sdkUri, origin: new URL(sdkUri).origin, scopes } }
  return { name, initial: [...name][0] ?? '', setup: JSON.stringify(setup) }
}
