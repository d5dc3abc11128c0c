import { toMiroId } from '../identifiers.js'
import { type BoardItem, type NewItem, stampNew } from '../items/item.js'
import { kindOf } from '../items/item-kinds.js'
import type { Role } from '../members/role.js'
import type { SeedBoard, SeedItem } from '../seed/seed.js'
import { defaultPolicy } from './board-policy.js'
import type { Board } from './board.js'

const dayMs = 24 * 60 * 60_000

interface Seeding {
  index: number
  now: number
  roles: ReadonlyMap<string, Role>
}

/** Gives each seeded board other dates in the past, so that sorting by date changes the order. */
export function toSeededBoard (board: SeedBoard, { index, now, roles }: Seeding): Board {
  const { id, name, description = '', teamId, ownerId, items = [] } = board
  const createdAt = now - (30 + index * 7 % 40) * dayMs
  return {
    id,
    name,
    description,
    teamId,
    ownerId,
    policy: defaultPolicy,
    ...stampNew({ now: createdAt, userId: ownerId }),
    modifiedAt: now - (index + 1) * dayMs,
    items: items.map((item, position) => ({
      ...toSeededItem(item, position),
      ...stampNew({ now: createdAt, userId: ownerId }),
      id: toMiroId('item', index * 1_000 + position),
      resource: toResource(item, index * 1_000 + position)
    })),
    connectors: [],
    tags: [],
    groups: [],
    roles
  }
}

/** Seeded items are in rows of five. */
function toSeededItem ({ type, content }: SeedItem, position: number): Omit<NewItem, 'resource'> & Pick<BoardItem, 'tagIds'> {
  const { defaults, size } = kindOf(type) ?? { defaults: { data: {}, style: {} }, size: { width: 199, height: 228 } }
  return {
    type,
    data: { ...defaults.data, [nameOfText(type)]: content },
    style: defaults.style,
    ...size,
    rotation: 0,
    x: (position % 5) * 240,
    y: Math.floor(position / 5) * 260,
    parentId: null,
    tagIds: []
  }
}

function toResource ({ type }: SeedItem, n: number): BoardItem['resource'] {
  return (kindOf(type)?.files ?? null) === null ? null : { id: toMiroId('resource', n), isUploaded: false }
}

/** The field in which a kind has its text. */
function nameOfText (type: string): string {
  if (type === 'embed') return 'url'
  return ['card', 'app_card', 'frame', 'image', 'document'].includes(type) ? 'title' : 'content'
}
