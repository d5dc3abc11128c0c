import { createBoardId, type IdKind, toMiroId } from '../identifiers.js'
import { type Stamp, stampNew } from '../items/item.js'
import type { Role } from '../members/role.js'
import type { SeedBoard } from '../seed/seed.js'
import type { Board, NewBoard } from './board.js'
import { toSeededBoard } from './seeded-board.js'

/** The number of the first id that is given: those of the seed are below it. */
const firstGiven = 1_000_000

/** All boards of all teams, the most recently created first. */
export class Boards {
  #boards: readonly Board[]
  #given = 0

  /** @param rolesOf the members of a board of a team that this user owns */
  constructor (
    seed: readonly SeedBoard[], now: number, rolesOf: (teamId: string, ownerId: string) => ReadonlyMap<string, Role>
  ) {
    this.#boards = seed.map((board, index) =>
      toSeededBoard(board, { index, now, roles: rolesOf(board.teamId, board.ownerId) }))
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

  create (board: NewBoard, stamp: Stamp): Board {
    const empty = { items: [], connectors: [], tags: [], groups: [] }
    const created = { ...board, ...empty, ...stampNew(stamp), id: createBoardId() }
    this.#boards = [created, ...this.#boards]
    return created
  }

  remove (id: string): void {
    this.#boards = this.#boards.filter((board) => board.id !== id)
  }

  /** An id that nothing else has; a later one is higher. */
  nextId (kind: IdKind): string {
    return toMiroId(kind, firstGiven + this.#given++)
  }
}
