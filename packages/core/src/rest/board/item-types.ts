import type { Optional } from '../../optional.js'
import type { BaseItem, Fields, FontFamily, NewGeometry, NewPosition, Open, ParentRef, Size, TextAlign, TextAlignVertical } from './parts.js'

/** An item with the data and style of its kind. */
export interface ItemOf<Data, Style = never> extends BaseItem {
  data?: Data & Fields
  style?: Style & Fields
}

/** What an item can be given, when it is created and later. */
interface Changes<Data, Style, Shape> {
  data?: Data | undefined
  style?: Style | undefined
  position?: NewPosition | undefined
  geometry?: Shape | undefined
  parent?: ParentRef | undefined
}
type Needs<T, Name extends keyof T> = T & Required<Pick<T, Name>>

/** `content` may hold simple HTML. @see https://developers.miro.com/reference/create-sticky-note-item */
export interface StickyNoteData { content?: string | undefined, shape?: Open<'square' | 'rectangle'> | undefined }
/** A sticky note has colours by name alone. */
export interface StickyNoteStyle {
  fillColor?: Open<
    | 'gray' | 'light_yellow' | 'yellow' | 'orange' | 'light_green' | 'green' | 'dark_green' | 'cyan' | 'light_pink' | 'pink'
    | 'violet' | 'red' | 'light_blue' | 'blue' | 'dark_blue' | 'black'
  > | undefined
  textAlign?: TextAlign | undefined
  textAlignVertical?: TextAlignVertical | undefined
}
export type StickyNote = ItemOf<StickyNoteData, StickyNoteStyle>
export type StickyNoteChanges = Changes<StickyNoteData, StickyNoteStyle, Size>

/** Colours are `#rrggbb`; numbers are texts, such as `'0.5'` and `'14'`. */
export interface TextStyle {
  color?: string | undefined
  fillColor?: string | undefined
  fillOpacity?: string | undefined
  fontFamily?: FontFamily | undefined
  fontSize?: string | undefined
  textAlign?: TextAlign | undefined
}
/** @see https://developers.miro.com/reference/create-text-item */
export interface TextData { content: string }
export type TextItem = ItemOf<TextData, TextStyle>
export type TextChanges = Changes<TextData, TextStyle, { width?: number | undefined, rotation?: number | undefined }>
export type NewText = Needs<TextChanges, 'data'>

/** @see https://developers.miro.com/reference/create-shape-item */
export interface ShapeData {
  content?: string | undefined
  /** Default `rectangle`. */
  shape?: Open<
    | 'rectangle' | 'round_rectangle' | 'circle' | 'triangle' | 'rhombus' | 'parallelogram' | 'trapezoid' | 'pentagon'
    | 'hexagon' | 'octagon' | 'wedge_round_rectangle_callout' | 'star' | 'flow_chart_predefined_process' | 'cloud' | 'cross'
    | 'can' | 'right_arrow' | 'left_arrow' | 'left_right_arrow' | 'left_brace' | 'right_brace'
  > | undefined
}
export interface ShapeStyle extends TextStyle {
  borderColor?: string | undefined
  borderOpacity?: string | undefined
  borderStyle?: Open<'normal' | 'dotted' | 'dashed'> | undefined
  borderWidth?: string | undefined
  textAlignVertical?: TextAlignVertical | undefined
}
export type Shape = ItemOf<ShapeData, ShapeStyle>
export type ShapeChanges = Changes<ShapeData, ShapeStyle, NewGeometry>

/** @see https://developers.miro.com/reference/create-card-item */
export interface CardData {
  title?: string | undefined
  description?: string | undefined
  assigneeId?: string | undefined
  /** ISO 8601. */
  dueDate?: string | undefined
}
/** `cardTheme` is the colour of its edge, `#rrggbb`. */
export interface CardStyle { cardTheme?: string | undefined }
export type Card = ItemOf<CardData, CardStyle>
export type CardChanges = Changes<CardData, CardStyle, NewGeometry>

/** A field at the foot of an app card. */
export interface AppCardField {
  value?: string | undefined
  fillColor?: string | undefined
  textColor?: string | undefined
  iconShape?: Open<'round' | 'square'> | undefined
  iconUrl?: string | undefined
  tooltip?: string | undefined
}
/** @see https://developers.miro.com/reference/create-app-card-item */
export interface AppCardData {
  title?: string | undefined
  description?: string | undefined
  fields?: readonly AppCardField[] | undefined
  status?: Open<'disconnected' | 'connected' | 'disabled'> | undefined
}
/** Colours are `#rrggbb`. */
export interface AppCardStyle { fillColor?: string | undefined }
export type AppCard = ItemOf<AppCardData & { owned?: boolean }, AppCardStyle>
export type AppCardChanges = Changes<AppCardData, AppCardStyle, NewGeometry>

/** @see https://developers.miro.com/reference/create-frame-item */
export interface FrameData {
  title?: string | undefined
  format?: Open<
    | 'custom' | 'desktop' | 'phone' | 'tablet' | 'a4' | 'letter' | 'ratio_1x1' | 'ratio_4x3' | 'ratio_16x9'
  > | undefined
  type?: Open<'freeform' | 'heap' | 'grid' | 'rows' | 'columns'> | undefined
}
/** Miro creates frames of these two values only. */
export interface NewFrameData {
  title?: string | undefined
  format?: Open<'custom'> | undefined
  type?: Open<'freeform'> | undefined
  showContent?: boolean | undefined
}
/** Colours are `#rrggbb`. */
export interface FrameStyle { fillColor?: string | undefined }
export type Frame = ItemOf<FrameData, FrameStyle>
export type FrameChanges = Omit<Changes<NewFrameData, FrameStyle, Size>, 'parent'>
export type NewFrame = Needs<FrameChanges, 'data'>

/** @see https://developers.miro.com/reference/create-embed-item */
export interface NewEmbedData { url: string, mode?: Open<'inline' | 'modal'> | undefined, previewUrl?: string | undefined }
/** What Miro found out about the page that is embedded. */
export interface EmbedData extends Partial<NewEmbedData> {
  contentType?: string | undefined
  title?: string | undefined
  description?: string | undefined
  html?: string | undefined
  providerName?: string | undefined
  providerUrl?: string | undefined
}
export type Embed = ItemOf<EmbedData>
export type EmbedChanges = Omit<Changes<Optional<NewEmbedData>, never, Size>, 'style'>
export type NewEmbed = Omit<EmbedChanges, 'data'> & { data: NewEmbedData }

/** What Miro fetches from a public address. @see https://developers.miro.com/reference/create-image-item-using-url */
export interface UrlData { url: string, title?: string | undefined }
/** `imageUrl` needs the token, and answers with an address that is good for a minute: see `images.download`. */
export type Image = ItemOf<{ imageUrl?: string, title?: string }>
export type ImageChanges = Omit<Changes<Optional<UrlData>, never, NewGeometry>, 'style'>
export type NewImage = Omit<ImageChanges, 'data'> & { data: UrlData }

/** @see https://developers.miro.com/reference/create-document-item-using-url */
export type Document = ItemOf<{ documentUrl?: string, title?: string }>
export type DocumentChanges = ImageChanges
export type NewDocument = Omit<NewImage, 'geometry'>

/** Any item. `data` and `style` are those of its `type`. @see https://developers.miro.com/reference/get-items */
export interface AnyItem extends BaseItem {
  type: Open<ItemType>
  data?: Fields
  style?: Fields
}
/** Under Miro's names. */
export type ItemType =
  | 'text' | 'shape' | 'sticky_note' | 'image' | 'document' | 'card' | 'app_card' | 'preview' | 'frame' | 'embed'
  | 'doc_format' | 'data_table_format'

/** One item of a bulk. @see https://developers.miro.com/reference/create-items */
export type NewItem =
  | ({ type: 'sticky_note' } & StickyNoteChanges) | ({ type: 'text' } & NewText) | ({ type: 'shape' } & ShapeChanges)
  | ({ type: 'card' } & CardChanges) | ({ type: 'app_card' } & AppCardChanges) | ({ type: 'frame' } & NewFrame)
  | ({ type: 'embed' } & NewEmbed) | ({ type: 'image' } & NewImage) | ({ type: 'document' } & NewDocument)
