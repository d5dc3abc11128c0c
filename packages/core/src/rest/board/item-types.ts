import type { BaseItem, Fields, FontFamily, Geometry, NewPosition, Open, ParentRef, Size, TextAlign, TextAlignVertical } from './parts.js'

/** An item with the data and style of its kind. */
export interface ItemOf<Data, Style = never> extends BaseItem {
  data?: Data & Fields
  style?: Style & Fields
}

/** What an item can be given, when it is created and later. */
interface Changes<Data, Style, Shape> {
  data?: Data
  style?: Style
  position?: NewPosition
  geometry?: Shape
  parent?: ParentRef
}
type Needs<T, Name extends keyof T> = T & Required<Pick<T, Name>>

/** `content` may hold simple HTML. @see https://developers.miro.com/reference/create-sticky-note-item */
export interface StickyNoteData { content?: string, shape?: Open<'square' | 'rectangle'> }
export interface StickyNoteStyle {
  fillColor?: Open<
    | 'gray' | 'light_yellow' | 'yellow' | 'orange' | 'light_green' | 'green' | 'dark_green' | 'cyan' | 'light_pink' | 'pink'
    | 'violet' | 'red' | 'light_blue' | 'blue' | 'dark_blue' | 'black'
  >
  textAlign?: TextAlign
  textAlignVertical?: TextAlignVertical
}
export type StickyNote = ItemOf<StickyNoteData, StickyNoteStyle>
export type StickyNoteChanges = Changes<StickyNoteData, StickyNoteStyle, Size>

/** Colours are `#rrggbb`; numbers are texts, such as `'0.5'` and `'14'`. */
export interface TextStyle {
  color?: string
  fillColor?: string
  fillOpacity?: string
  fontFamily?: FontFamily
  fontSize?: string
  textAlign?: TextAlign
}
/** @see https://developers.miro.com/reference/create-text-item */
export interface TextData { content: string }
export type TextItem = ItemOf<TextData, TextStyle>
export type TextChanges = Changes<TextData, TextStyle, { width?: number, rotation?: number }>
export type NewText = Needs<TextChanges, 'data'>

/** @see https://developers.miro.com/reference/create-shape-item */
export interface ShapeData {
  content?: string
  /** Default `rectangle`. */
  shape?: Open<
    | 'rectangle' | 'round_rectangle' | 'circle' | 'triangle' | 'rhombus' | 'parallelogram' | 'trapezoid' | 'pentagon'
    | 'hexagon' | 'octagon' | 'wedge_round_rectangle_callout' | 'star' | 'flow_chart_predefined_process' | 'cloud' | 'cross'
    | 'can' | 'right_arrow' | 'left_arrow' | 'left_right_arrow' | 'left_brace' | 'right_brace'
  >
}
export interface ShapeStyle extends TextStyle {
  borderColor?: string
  borderOpacity?: string
  borderStyle?: Open<'normal' | 'dotted' | 'dashed'>
  borderWidth?: string
  textAlignVertical?: TextAlignVertical
}
export type Shape = ItemOf<ShapeData, ShapeStyle>
export type ShapeChanges = Changes<ShapeData, ShapeStyle, Geometry>

/** @see https://developers.miro.com/reference/create-card-item */
export interface CardData {
  title?: string
  description?: string
  assigneeId?: string
  /** ISO 8601. */
  dueDate?: string
}
export interface CardStyle { cardTheme?: string }
export type Card = ItemOf<CardData, CardStyle>
export type CardChanges = Changes<CardData, CardStyle, Geometry>

/** A field at the foot of an app card. */
export interface AppCardField {
  value?: string
  fillColor?: string
  textColor?: string
  iconShape?: Open<'round' | 'square'>
  iconUrl?: string
  tooltip?: string
}
/** @see https://developers.miro.com/reference/create-app-card-item */
export interface AppCardData {
  title?: string
  description?: string
  fields?: readonly AppCardField[]
  status?: Open<'disconnected' | 'connected' | 'disabled'>
}
export interface AppCardStyle { fillColor?: string }
export type AppCard = ItemOf<AppCardData & { owned?: boolean }, AppCardStyle>
export type AppCardChanges = Changes<AppCardData, AppCardStyle, Geometry>

/** @see https://developers.miro.com/reference/create-frame-item */
export interface FrameData {
  title?: string
  format?: Open<'custom' | 'desktop' | 'phone' | 'tablet' | 'a4' | 'letter' | 'ratio_1x1' | 'ratio_4x3' | 'ratio_16x9'>
  type?: Open<'freeform' | 'heap' | 'grid' | 'rows' | 'columns'>
}
/** Miro creates frames of these two values only. */
export interface NewFrameData { title?: string, format?: Open<'custom'>, type?: Open<'freeform'>, showContent?: boolean }
export interface FrameStyle { fillColor?: string }
export type Frame = ItemOf<FrameData, FrameStyle>
export type FrameChanges = Omit<Changes<NewFrameData, FrameStyle, Size>, 'parent'>
export type NewFrame = Needs<FrameChanges, 'data'>

/** @see https://developers.miro.com/reference/create-embed-item */
export interface NewEmbedData { url: string, mode?: Open<'inline' | 'modal'>, previewUrl?: string }
export interface EmbedData extends Partial<NewEmbedData> {
  contentType?: string
  title?: string
  description?: string
  html?: string
  providerName?: string
  providerUrl?: string
}
export type Embed = ItemOf<EmbedData>
export type EmbedChanges = Omit<Changes<Partial<NewEmbedData>, never, Size>, 'style'>
export type NewEmbed = Omit<EmbedChanges, 'data'> & { data: NewEmbedData }

/** What Miro fetches from a public address. @see https://developers.miro.com/reference/create-image-item-using-url */
export interface UrlData { url: string, title?: string }
/** `imageUrl` needs the token, and answers with an address that is good for a minute: see `images.download`. */
export type Image = ItemOf<{ imageUrl?: string, title?: string }>
export type ImageChanges = Omit<Changes<Partial<UrlData>, never, Geometry>, 'style'>
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
