import type { BoardItem } from '../items/item.js'
import { pickNamed } from '../items/item-body.js'
import { list, type Members, object, problem, required, requiredAtFirst, type Rule, toFields } from '../fields/rule.js'
import { choice, decimal, id, percentage, text } from '../fields/values.js'
import type { FieldProblem } from '../wire/envelope.js'
import type { JsonObject } from '../wire/json-text.js'
import type { Connector, ConnectorEnd } from './connector.js'

const caps = [
  'none', 'stealth', 'rounded_stealth', 'diamond', 'filled_diamond', 'oval', 'filled_oval', 'arrow', 'triangle',
  'filled_triangle', 'erd_one', 'erd_many', 'erd_only_one', 'erd_zero_or_one', 'erd_one_or_many', 'erd_zero_or_many', 'unknown'
]

const styleRules = {
  color: text(),
  endStrokeCap: choice(caps),
  fontSize: decimal({ min: 10, max: 288 }),
  startStrokeCap: choice(caps),
  strokeColor: text(),
  strokeStyle: choice(['normal', 'dotted', 'dashed']),
  strokeWidth: decimal({ min: 1, max: 24 }),
  textOrientation: choice(['horizontal', 'aligned'])
}

const captionRules = {
  content: required(text({ max: 200 })), position: percentage(), textAlignVertical: choice(['top', 'middle', 'bottom'])
}

const sides: Readonly<Record<string, JsonObject>> = {
  top: { x: '50%', y: '0%' }, right: { x: '100%', y: '50%' }, bottom: { x: '50%', y: '100%' }, left: { x: '0%', y: '50%' }
}

const end = object({
  id: id(), position: object({ x: percentage(), y: percentage() }), snapTo: choice(['auto', ...Object.keys(sides)])
})

export const connectorRule: Rule = object({
  startItem: requiredAtFirst(end),
  endItem: requiredAtFirst(end),
  shape: choice(['straight', 'elbowed', 'curved']),
  captions: list(object(captionRules), { max: 20 }),
  style: object(styleRules)
})

/** What a new connector has where its body leaves it out. Its ends come from the body. */
export const newConnector: ConnectorFields = {
  shape: 'curved',
  captions: [],
  style: {
    color: '#1a1a1a',
    endStrokeCap: 'rounded_stealth',
    fontSize: '14',
    startStrokeCap: 'none',
    strokeColor: '#333333',
    strokeStyle: 'normal',
    strokeWidth: '1.0',
    textOrientation: 'aligned'
  },
  start: { itemId: '' },
  end: { itemId: '' }
}

type ConnectorFields = Pick<Connector, 'shape' | 'captions' | 'style' | 'start' | 'end'>

/** The fields of a body that the rule has accepted, over those of `current`. */
export function overlayConnector (current: ConnectorFields, body: Members): ConnectorFields {
  const { shape, captions } = body
  return {
    shape: typeof shape === 'string' ? shape : current.shape,
    captions: Array.isArray(captions) ? captions.map(toCaption) : current.captions,
    style: { ...current.style, ...pickNamed(body['style'], Object.keys(styleRules)) },
    start: toEnd(current.start, body['startItem']),
    end: toEnd(current.end, body['endItem'])
  }
}

/** Both ends must be on items of the board that are no frames, and on different ones. */
export function checkEnds ({ start, end }: ConnectorFields, items: readonly BoardItem[]): readonly FieldProblem[] {
  const isConnectable = (itemId: string) => items.some(({ id, type }) => id === itemId && type !== 'frame')
  const wrong = [['startItem.id', start] as const, ['endItem.id', end] as const].filter(([, { itemId }]) => !isConnectable(itemId))
  const problems = wrong.map(([path]) => problem({ path }, 'must be the id of an item of this board that is no frame'))
  return problems.length > 0 || start.itemId !== end.itemId ? problems : [problem({ path: 'endItem.id' }, 'must be another item')]
}

function toCaption (caption: unknown): JsonObject {
  return { position: '50%', textAlignVertical: 'middle', ...pickNamed(caption, Object.keys(captionRules)) }
}

/** An end on another item has a place there only if the body names one. */
function toEnd (current: ConnectorEnd, value: unknown): ConnectorEnd {
  const { id: itemId, snapTo, position } = toFields(value)
  const moved = typeof itemId === 'string' && itemId !== current.itemId ? { itemId } : current
  const place = typeof snapTo === 'string' ? sides[snapTo] : undefined
  if (snapTo === 'auto') return { itemId: moved.itemId }
  const given = position === undefined ? place : { x: '50%', y: '50%', ...pickNamed(position, ['x', 'y']) }
  return given === undefined ? moved : { ...moved, position: given }
}
