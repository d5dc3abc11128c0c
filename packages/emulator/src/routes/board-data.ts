import type { FastifyInstance, FastifyRequest } from 'fastify'
import { addItems } from '../boards/board-contents.js'
import type { Board } from '../boards/board.js'
import type { Members } from '../fields/rule.js'
import type { BoardItem } from '../items/item.js'
import { stickyNote } from '../items/item-kinds.js'
import { storeItem } from '../items/store-item.js'
import type { Miro } from '../miro.js'
import { isCrossSite } from '../pages/pages.js'
import { EmulatorMembershipError } from '../seed/membership-error.js'
import { parseNewNote } from '../sdk/new-note.js'
import { toSdkBoard, toSdkItem } from '../sdk/sdk-view.js'
import { forbidden, notFound } from '../wire/envelope.js'
import { readJsonObject } from '../wire/json-body.js'
import { isForm, readBody } from '../wire/parameters.js'

type BoardRoute = { Params: { id: string } }

/** What the board page asks the emulator for on behalf of the app's frames. A page of another site is refused. */
export function registerBoardData (server: FastifyInstance, miro: Miro): void {
  server.post('/emulator/id-token', (request) => {
    demandOwnPage(request)
    const form = new URLSearchParams(isForm(request) ? readBody(request) : '')
    return { idToken: issueIdToken(miro, form.get('user_id') ?? '', form.get('team_id') ?? '') }
  })

  server.get<BoardRoute>('/emulator/boards/:id', (request) => {
    demandOwnPage(request)
    return toSdkBoard(findBoard(miro, request.params.id))
  })

  server.post<BoardRoute>('/emulator/boards/:id/sticky-notes', (request, reply) => {
    demandOwnPage(request)
    const board = findBoard(miro, request.params.id)
    const body = readJsonObject(request)
    const authorId = body.get('userId')
    const isMember = typeof authorId === 'string' && miro.directory.membership(authorId, board.teamId) !== undefined
    if (!isMember) throw notAMember()
    reply.code(201)
    return toSdkItem(addNote(miro, board, { userId: authorId, body: parseNewNote(body) }))
  })
}

function addNote (miro: Miro, board: Board, { userId, body }: { userId: string, body: Members }): BoardItem {
  const stamp = { now: miro.now(), userId }
  const item = storeItem({ miro, stamp }, stickyNote, { body, file: null })
  addItems(board, [item], stamp)
  return item
}

function issueIdToken (miro: Miro, userId: string, teamId: string): string {
  try {
    return miro.idTokenFor({ userId, teamId })
  } catch (error) {
    throw error instanceof EmulatorMembershipError ? notAMember() : error
  }
}

function findBoard (miro: Miro, id: string): Board {
  const board = miro.state.boards.find(id)
  if (board === undefined) throw notFound('Board not found')
  return board
}

function notAMember () {
  return forbidden('There is no such member of this team')
}

/** No answer here allows another origin to read it; this also keeps another site's form from changing a board. */
function demandOwnPage (request: FastifyRequest): void {
  if (isCrossSite(request)) throw forbidden('Only a page of the emulator may ask for this')
}
