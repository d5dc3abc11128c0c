import type { Connector } from '../connectors/connector.js'
import type { BoardItem } from '../items/item.js'
import type { Role } from '../members/role.js'
import type { Tag } from '../tags/tag.js'
import type { BoardPolicy } from './board-policy.js'

/** Items that move together. */
export interface Group {
  id: string
  itemIds: readonly string[]
}

/** A stored board. Instants are epoch milliseconds. What it has is replaced, and never changed in place. */
export interface Board {
  id: string
  name: string
  description: string
  teamId: string
  ownerId: string
  policy: BoardPolicy
  createdAt: number
  createdBy: string
  modifiedAt: number
  modifiedBy: string
  items: readonly BoardItem[]
  connectors: readonly Connector[]
  tags: readonly Tag[]
  groups: readonly Group[]
  /** The role of every member, by the user's id. */
  roles: ReadonlyMap<string, Role>
}

export type NewBoard = Pick<Board, 'name' | 'description' | 'teamId' | 'ownerId' | 'policy' | 'roles'>
