import { createBoardId, toMiroId } from '../identifiers.js'
import type { BoardPolicy } from './board-policy.js'
import { defaultPolicy } from './board-policy.js'
import type { SeedBoard } from '../seed/seed.js'

export interface BoardItem {
  id: string
  type: string
  content: string
}

/** A stored board. Instants are epoch milliseconds. */
export interface Board {
  id: string
  name: string
  description: string
  teamId: string
  ownerId: string
  policy: BoardPolicy
  createdAt: number
  modifiedAt: number
  items: readonly BoardItem[]
}

export type NewBoard = Pick<Board, 'name' | 'description' | 'teamId' | 'ownerId' | 'policy'>

const dayMs = 24 * 60 * 60_000

/** All boards of all teams, the most recently changed first. */
export class Boards {
  readonly #boards: Board[]

  constructor (seed: readonly SeedBoard[], now: number) {
    this.#boards = seed.map((board, index) => toBoard(board, index, now))
  }

  list (): readonly Board[] {
    return this.#boards
  }

  ofTeam (teamId: string): Board[] {
    return this.#boards.filter((board) => board.teamId === teamId)
  }

  find (id: string): Board | undefined {
    return this.#boards.find((board) => board.id === id)
  }

  create (board: NewBoard, now: number): Board {
    const created = { ...board, id: createBoardId(), createdAt: now, modifiedAt: now, items: [] }
    this.#boards.unshift(created)
    return created
  }
}

/** Gives each seeded board other dates in the past, so that sorting by date changes the order. */
function toBoard (board: SeedBoard, index: number, now: number): Board {
  return {
    id: board.id,
    name: board.name,
    description: board.description ?? '',
    teamId: board.teamId,
    ownerId: board.ownerId,
    policy: defaultPolicy,
    createdAt: now - (30 + index * 7 % 40) * dayMs,
    modifiedAt: now - (index + 1) * dayMs,
    items: (board.items ?? []).map((item, position) => ({ ...item, id: toMiroId('item', index * 1_000 + position) }))
  }
}
