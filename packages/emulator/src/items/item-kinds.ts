import { list, object, required, requiredAtFirst, type Rules } from '../fields/rule.js'
import { choice, flag, id, instant, text, url } from '../fields/values.js'
import type { JsonObject } from '../wire/json-text.js'
import {
  cardStyle, defaultShapeStyle, defaultStickyNoteStyle, defaultTextStyle, fillStyle, shapes, shapeStyle,
  stickyNoteStyle, textStyle
} from './item-styles.js'

/** A kind of items that has endpoints of its own: what Miro's OpenAPI document says of its bodies. */
export interface ItemKind {
  type: string
  /** Its part of the path, such as `sticky_notes`. */
  collection: string
  /** The fields of `data`. */
  data: Rules
  isDataNeeded: boolean
  style: Rules
  /** What Miro fills in where a create leaves it out. */
  defaults: { data: JsonObject, style: JsonObject }
  /** Which sides may be set: both, one (the other follows), or the width alone. */
  sizing: 'free' | 'ratio' | 'width'
  size: { width: number, height: number }
  rotates: boolean
  canHaveParent: boolean
  /** Its part of the path of its file, for kinds that can be uploaded. */
  files: 'images' | 'documents' | null
}

const customField = object({
  fillColor: text(),
  iconShape: choice(['round', 'square']),
  iconUrl: text(),
  textColor: text(),
  tooltip: text(),
  value: text()
})

const fileData: Rules = { title: text(), url: requiredAtFirst(url()), altText: text() }

const usual = {
  isDataNeeded: false,
  style: {},
  defaults: { data: {}, style: {} },
  sizing: 'free',
  rotates: true,
  canHaveParent: true,
  files: null
} as const

export const stickyNote: ItemKind = {
  ...usual,
  type: 'sticky_note',
  collection: 'sticky_notes',
  data: { content: text({ max: 6_000 }), shape: choice(['square', 'rectangle']) },
  style: stickyNoteStyle,
  defaults: { data: { content: '', shape: 'square' }, style: defaultStickyNoteStyle },
  sizing: 'ratio',
  size: { width: 199, height: 228 },
  rotates: false
}

const file = { ...usual, data: fileData, isDataNeeded: true, sizing: 'ratio' } as const

/** The nine kinds. Sizes and styles of items whose author gave none are the emulator's own. */
export const itemKinds: readonly ItemKind[] = [
  stickyNote,
  {
    ...usual,
    type: 'text',
    collection: 'texts',
    data: { content: required(text({ max: 6_000 })) },
    isDataNeeded: true,
    style: textStyle,
    defaults: { data: {}, style: defaultTextStyle },
    sizing: 'width',
    size: { width: 320, height: 36 }
  },
  {
    ...usual,
    type: 'shape',
    collection: 'shapes',
    data: { content: text({ max: 6_000 }), shape: choice(shapes) },
    style: shapeStyle,
    defaults: { data: { content: '', shape: 'rectangle' }, style: defaultShapeStyle },
    size: { width: 100, height: 100 }
  },
  {
    ...usual,
    type: 'card',
    collection: 'cards',
    data: { assigneeId: id(), description: text(), dueDate: instant(), title: text() },
    style: cardStyle,
    defaults: { data: { title: '', description: '' }, style: { cardTheme: '#2d9bf0' } },
    size: { width: 320, height: 94 }
  },
  {
    ...usual,
    type: 'app_card',
    collection: 'app_cards',
    data: {
      description: text(),
      fields: list(customField),
      status: choice(['disconnected', 'connected', 'disabled']),
      title: text()
    },
    style: fillStyle,
    defaults: {
      data: { title: 'sample app card item', description: '', status: 'disconnected' }, style: { fillColor: '#2d9bf0' }
    },
    size: { width: 320, height: 94 }
  },
  {
    ...usual,
    type: 'frame',
    collection: 'frames',
    data: { format: choice(['custom']), title: text(), type: choice(['freeform']), showContent: flag() },
    isDataNeeded: true,
    style: fillStyle,
    defaults: {
      data: { title: 'Sample frame title', format: 'custom', type: 'freeform' }, style: { fillColor: '#ffffffff' }
    },
    size: { width: 800, height: 450 },
    rotates: false,
    canHaveParent: false
  },
  {
    ...usual,
    type: 'embed',
    collection: 'embeds',
    data: { mode: choice(['inline', 'modal']), previewUrl: text(), url: requiredAtFirst(url()) },
    isDataNeeded: true,
    defaults: { data: { mode: 'inline' }, style: {} },
    sizing: 'ratio',
    size: { width: 640, height: 360 },
    rotates: false
  },
  { ...file, type: 'image', collection: 'images', size: { width: 300, height: 200 }, files: 'images' },
  { ...file, type: 'document', collection: 'documents', size: { width: 400, height: 520 }, files: 'documents' }
]

const byType = new Map(itemKinds.map((kind) => [kind.type, kind]))

export function kindOf (type: string): ItemKind | undefined {
  return byType.get(type)
}
