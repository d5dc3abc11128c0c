import type { BoardItem } from '../items/item.js'
import type { JsonObject } from '../wire/json-text.js'

/** One end of a connector. */
export interface ConnectorEnd {
  itemId: string
  /** Where on the item, in percentages such as `"50%"`; absent where the connector chooses its place. */
  position?: JsonObject
}

/** A line between two items. It is no item itself. */
export interface Connector extends Pick<BoardItem, 'id' | 'style' | 'createdAt' | 'createdBy' | 'modifiedAt' | 'modifiedBy'> {
  shape: string
  captions: readonly JsonObject[]
  start: ConnectorEnd
  end: ConnectorEnd
}
