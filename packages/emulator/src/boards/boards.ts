import { createBoardId, toMiroId } from '../identifiers.js'
import type { BoardPolicy } from './board-policy.js'
import { defaultPolicy } from './board-policy.js'
import type { SeedBoard } from '../seed/seed.js'

export interface BoardItem {
  id: string
  type: string
  content: string
  /** Its centre, in units of the board. */
  x: number
  y: number
  authorId: string
  createdAt: number
}

export type NewItem = Omit<BoardItem, 'id' | 'createdAt'>

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
/** The number of the first item that is added: those of the seed are below it. */
const firstAdded = 1_000_000

/** All boards of all teams, the most recently changed first. */
export class Boards {
  readonly #boards: Board[]
  #added = 0

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

  addItem (board: Board, item: NewItem, now: number): BoardItem {
    const added = { ...item, id: toMiroId('item', firstAdded + this.#added++), createdAt: now }
    board.items = [...board.items, added]
    board.modifiedAt = now
    return added
  }
}

/** Gives each seeded board other dates in the past, so that sorting by date changes the order. */
function toBoard (board: SeedBoard, index: number, now: number): Board {
  const { id, name, description = '', teamId, ownerId, items = [] } = board
  const createdAt = now - (30 + index * 7 % 40) * dayMs
  return {
    id,
    name,
    description,
    teamId,
    ownerId,
    policy: defaultPolicy,
    createdAt,
    modifiedAt: now - (index + 1) * dayMs,
    items: items.map((item, position) => ({
      ...item,
      ...toPlace(position),
      id: toMiroId('item', index * 1_000 + position),
      authorId: ownerId,
      createdAt
    }))
  }
}

/** Seeded items are in rows of five. */
function toPlace (position: number): { x: number, y: number } {
  return { x: (position % 5) * 240, y: Math.floor(position / 5) * 260 }
}
