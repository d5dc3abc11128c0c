/** One of these texts, or another that Miro adds. */
export type Open<Text extends string> = Text | (string & {})

/** Fields that Miro sends and that are not documented, or not yet. */
export interface Fields { [field: string]: unknown }

/** Who did something. */
export interface Actor extends Fields {
  id?: string
  type?: string
}

/** Where an item is, by its centre: from the centre of the board, or the top left corner of its parent. */
export interface Position extends Fields {
  x?: number
  y?: number
  origin?: Open<'center'>
  relativeTo?: Open<'canvas_center' | 'parent_top_left'>
}

/** Where an item is to be. */
export interface NewPosition {
  /** Default 0. */
  x?: number | undefined
  /** Default 0. */
  y?: number | undefined
}

/** The size that an item is to have in pixels, and its rotation in degrees, clockwise. */
export interface NewGeometry {
  width?: number | undefined
  height?: number | undefined
  rotation?: number | undefined
}

/** The size of an item in pixels, and its rotation in degrees, clockwise. */
export interface Geometry extends Fields {
  width?: number
  height?: number
  rotation?: number
}

/** Of an item whose proportions are fixed: either its width or its height. */
export interface Size { width?: number | undefined, height?: number | undefined }

/** The frame that an item is in. */
export interface ParentRef { id: string }

/** How many a page of a list has: of tags 1 to 50, of groups 10 to 50. */
export interface PageQuery { limit?: number | undefined }

/** What all items have, as Miro sends it. */
export interface BaseItem extends Fields {
  /** Digits, exactly as Miro sent them. */
  id: string
  type: string
  position?: Position
  geometry?: Geometry
  parent?: ParentRef & Fields
  /** ISO 8601. */
  createdAt?: string
  createdBy?: Actor
  /** ISO 8601. */
  modifiedAt?: string
  modifiedBy?: Actor
}

/** The fonts of Miro. */
export type FontFamily = Open<
  | 'arial' | 'abril_fatface' | 'bangers' | 'eb_garamond' | 'georgia' | 'graduate' | 'gravitas_one' | 'fredoka_one'
  | 'nixie_one' | 'open_sans' | 'permanent_marker' | 'pt_sans' | 'pt_sans_narrow' | 'pt_serif' | 'rammetto_one' | 'roboto'
  | 'roboto_condensed' | 'roboto_slab' | 'caveat' | 'times_new_roman' | 'titan_one' | 'lemon_tuesday' | 'roboto_mono'
  | 'noto_sans' | 'plex_sans' | 'plex_serif' | 'plex_mono' | 'spoof' | 'tiempos_text' | 'formular'
>
export type TextAlign = Open<'left' | 'right' | 'center'>
export type TextAlignVertical = Open<'top' | 'middle' | 'bottom'>
