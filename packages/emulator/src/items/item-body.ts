import { object, type Place, problem, type Rule, requiredAtFirst, toFields, type Members } from '../fields/rule.js'
import { idOrNull, number } from '../fields/values.js'
import type { FieldProblem } from '../wire/envelope.js'
import type { JsonObject, JsonValue } from '../wire/json-text.js'
import type { BoardItem, NewItem } from './item.js'
import type { ItemKind } from './item-kinds.js'
import { move, type Move } from './placement.js'

const position = object({ x: number(), y: number() })
const parent = object({ id: idOrNull() })

/** The body of `PATCH …/items/{id}`, which moves items of all kinds. */
export const moveRule = object({ position, parent })

/** The body that creates or changes an item of a kind. */
export function toBodyRule (kind: ItemKind): Rule {
  const data = object(kind.data)
  return object({
    data: kind.isDataNeeded ? requiredAtFirst(data) : data,
    style: object(kind.style),
    position,
    geometry: toGeometryRule(kind),
    ...(kind.canHaveParent && { parent })
  })
}

function toGeometryRule ({ sizing, rotates }: ItemKind): Rule {
  const side = number({ above: 0 })
  const sides = object({ width: side, ...(sizing !== 'width' && { height: side }), ...(rotates && { rotation: number() }) })
  return sizing === 'ratio' ? { ...sides, check: (value, at) => [...sides.check(value, at), ...checkRatio(value, at)] } : sides
}

function checkRatio (value: unknown, at: Place): readonly FieldProblem[] {
  const { width, height } = toFields(value)
  return width === undefined || height === undefined ? [] : [problem(at, 'must have one of width and height: its ratio is fixed')]
}

/** A parent is a frame of the same board. */
export function checkParent (body: unknown, items: readonly BoardItem[], path = ''): readonly FieldProblem[] {
  const { id } = toFields(toFields(body)['parent'])
  const isFrame = typeof id !== 'string' || items.some((item) => item.id === id && item.type === 'frame')
  return isFrame ? [] : [problem({ path: `${path}parent.id` }, 'must be the id of a frame of this board')]
}

/** The item of a body that the kind's rule has accepted. */
export function toNewItem (kind: ItemKind, body: Members): Omit<NewItem, 'resource'> {
  const { defaults, type } = kind
  const { x = 0, y = 0, parentId = null } = readMove(body)
  return {
    type,
    data: { ...defaults.data, ...pick(body['data'], kind) },
    style: { ...defaults.style, ...pickStyle(body['style'], kind) },
    ...resize(kind, { ...sizeOf(kind, body), rotation: 0 }, body['geometry']),
    x,
    y,
    parentId
  }
}

/** The item after a change whose body the kind's rule has accepted. */
export function toChangedItem (kind: ItemKind, item: BoardItem, body: Members, items: readonly BoardItem[]): BoardItem {
  return {
    ...item,
    data: { ...item.data, ...pick(body['data'], kind) },
    style: { ...item.style, ...pickStyle(body['style'], kind) },
    ...resize(kind, item, body['geometry']),
    ...move(item, readMove(body), items)
  }
}

export function readMove (body: Members): Move {
  const { x, y } = toFields(body['position'])
  const { id } = toFields(body['parent'])
  return {
    x: typeof x === 'number' ? x : undefined,
    y: typeof y === 'number' ? y : undefined,
    parentId: typeof id === 'string' || id === null ? id : undefined
  }
}

/** A sticky note that is a rectangle is wider. */
function sizeOf ({ type, size }: ItemKind, body: Members): ItemKind['size'] {
  const isWide = type === 'sticky_note' && toFields(body['data'])['shape'] === 'rectangle'
  return isWide ? { ...size, width: 350 } : size
}

type Size = Pick<BoardItem, 'width' | 'height' | 'rotation'>

function resize ({ sizing }: ItemKind, size: Size, geometry: unknown): Size {
  const given = toFields(geometry)
  const width = typeof given['width'] === 'number' ? given['width'] : undefined
  const height = typeof given['height'] === 'number' ? given['height'] : undefined
  const rotation = typeof given['rotation'] === 'number' ? given['rotation'] : size.rotation
  if (sizing !== 'ratio') return { width: width ?? size.width, height: height ?? size.height, rotation }
  const factor = width === undefined ? (height ?? size.height) / size.height : width / size.width
  return { width: width ?? size.width * factor, height: height ?? size.height * factor, rotation }
}

function pick (data: unknown, { data: rules }: ItemKind): JsonObject {
  return pickNamed(data, Object.keys(rules))
}

function pickStyle (style: unknown, { style: rules }: ItemKind): JsonObject {
  return pickNamed(style, Object.keys(rules))
}

/** The fields with these names. Their values came from JSON, so they can be written as JSON. */
export function pickNamed (value: unknown, names: readonly string[]): JsonObject {
  const given = Object.entries(toFields(value)).filter(([name]) => names.includes(name))
  return Object.fromEntries(given) as Record<string, JsonValue>
}
