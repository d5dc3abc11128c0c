import { eachItem, toItem, type ApiCall } from '../api-call.js'
import type { CallOptions } from '../json-request.js'
import type { Actor, Fields, Open } from './parts.js'

/** Where a connector meets an item: at a point, in percent such as `'50%'`, or at the nearest side. */
export interface ConnectorEnd {
  id?: string | undefined
  position?: { x?: string | undefined, y?: string | undefined } | undefined
  snapTo?: Open<'auto' | 'top' | 'right' | 'bottom' | 'left'> | undefined
}
/** A text on the line, which may hold simple HTML. */
export interface ConnectorCaption {
  content: string
  /** Where on the line, in percent such as `'50%'`. */
  position?: string | undefined
  textAlignVertical?: Open<'top' | 'middle' | 'bottom'> | undefined
}
export type StrokeCap = Open<
  | 'none' | 'stealth' | 'rounded_stealth' | 'diamond' | 'filled_diamond' | 'oval' | 'filled_oval' | 'arrow' | 'triangle'
  | 'filled_triangle' | 'erd_one' | 'erd_many' | 'erd_only_one' | 'erd_zero_or_one' | 'erd_one_or_many' | 'erd_zero_or_many'
>
/** Colours are `#rrggbb`; numbers are texts. */
export interface ConnectorStyle {
  color?: string | undefined
  fontSize?: string | undefined
  startStrokeCap?: StrokeCap | undefined
  endStrokeCap?: StrokeCap | undefined
  strokeColor?: string | undefined
  strokeStyle?: Open<'normal' | 'dotted' | 'dashed'> | undefined
  strokeWidth?: string | undefined
  textOrientation?: Open<'horizontal' | 'aligned'> | undefined
}
/** @see https://developers.miro.com/reference/update-connector */
export interface ConnectorChanges {
  startItem?: ConnectorEnd | undefined
  endItem?: ConnectorEnd | undefined
  shape?: Open<'straight' | 'elbowed' | 'curved'> | undefined
  /** At most 20. */
  captions?: readonly ConnectorCaption[] | undefined
  style?: ConnectorStyle | undefined
}
export type NewConnector = ConnectorChanges & { startItem: ConnectorEnd, endItem: ConnectorEnd }

/** A line between two items, as Miro sent it. */
export interface Connector extends Fields {
  id: string
  type?: string
  startItem?: ConnectorEnd & Fields
  endItem?: ConnectorEnd & Fields
  shape?: ConnectorChanges['shape']
  captions?: ConnectorCaption[]
  style?: ConnectorStyle & Fields
  /** Whether the REST API can show all of it. */
  isSupported?: boolean
  createdAt?: string
  createdBy?: Actor
  modifiedAt?: string
  modifiedBy?: Actor
}

/** @see https://developers.miro.com/reference/create-connector */
export interface Connectors {
  /** @param query.limit how many a page has: 10 to 50, Miro's default 10 */
  iterate: (
    query?: { limit?: number | undefined }, options?: CallOptions
  ) => AsyncGenerator<Connector, void, undefined>
  create: (connector: NewConnector, options?: CallOptions) => Promise<Connector>
  get: (connectorId: string, options?: CallOptions) => Promise<Connector>
  update: (connectorId: string, changes: ConnectorChanges, options?: CallOptions) => Promise<Connector>
  delete: (connectorId: string, options?: CallOptions) => Promise<void>
}

/** Makes {@link Connectors} of a board. */
export function createConnectors ({ send, run, iterate }: ApiCall, boardId: string): Connectors {
  return {
    iterate: (query = {}, options) => eachItem<Connector>(iterate('get-connectors', { ids: [boardId], query: { ...query }, options })),
    async create (body, options) {
      return toItem<Connector>(await send('create-connector', { ids: [boardId], body, options }))
    },
    async get (connectorId, options) {
      return toItem<Connector>(await send('get-connector', { ids: [boardId, connectorId], options }))
    },
    async update (connectorId, body, options) {
      return toItem<Connector>(await send('update-connector', { ids: [boardId, connectorId], body, options }))
    },
    async delete (connectorId, options) {
      await run('delete-connector', { ids: [boardId, connectorId], options })
    }
  }
}
