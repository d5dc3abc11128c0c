import { touch } from '../boards/board-contents.js'
import type { Board } from '../boards/board.js'
import { type BoardViewer, toBoardUrl, toInstant } from '../boards/board-view.js'
import type { Connector, ConnectorEnd } from '../connectors/connector.js'
import { checkEnds, connectorRule, newConnector, overlayConnector } from '../connectors/connector-body.js'
import { readFields } from '../fields/read-fields.js'
import { stampChange, stampNew } from '../items/item.js'
import { readCursorQuery, toCursorPage } from '../operations/cursor-page.js'
import { type BoardCall, findById, onBoard, type Operation, paramOf, readScope, writeScope } from '../operations/operation.js'
import { invalidFields } from '../wire/envelope.js'
import type { JsonObject } from '../wire/json-text.js'

const all = '/:board_id/connectors'
const one = `${all}/:connector_id`

/** By Miro's document, a connector is created with 200 and not with 201. */
export const connectorOperations: readonly Operation[] = [
  { method: 'POST', path: all, scope: writeScope, level: 'level2', handle: onBoard(createConnector) },
  { method: 'GET', path: all, scope: readScope, level: 'level2', handle: onBoard(listConnectors) },
  { method: 'GET', path: one, scope: readScope, level: 'level1', handle: onBoard(getConnector) },
  { method: 'PATCH', path: one, scope: writeScope, level: 'level2', handle: onBoard(updateConnector) },
  { method: 'DELETE', path: one, scope: writeScope, level: 'level3', handle: onBoard(deleteConnector) }
]

function createConnector (call: BoardCall): JsonObject {
  const { board, miro, stamp, viewer } = call
  const fields = readConnector(call, newConnector, true)
  const connector = { ...fields, ...stampNew(stamp), id: miro.state.boards.nextId('connector') }
  board.connectors = [...board.connectors, connector]
  touch(board, stamp)
  return toConnectorJson(connector, board, viewer)
}

function listConnectors ({ board, query, viewer }: BoardCall): JsonObject {
  return toCursorPage(board.connectors, readCursorQuery(query), {
    url: `${toBoardUrl(board, viewer)}/connectors`,
    toJson: (connector) => toConnectorJson(connector, board, viewer)
  })
}

function getConnector (call: BoardCall): JsonObject {
  return toConnectorJson(findConnector(call), call.board, call.viewer)
}

function updateConnector (call: BoardCall): JsonObject {
  const { board, stamp, viewer } = call
  const connector = findConnector(call)
  const changed = { ...connector, ...readConnector(call, connector, false), ...stampChange(stamp) }
  board.connectors = board.connectors.map((other) => other === connector ? changed : other)
  touch(board, stamp)
  return toConnectorJson(changed, board, viewer)
}

function deleteConnector (call: BoardCall): null {
  const connector = findConnector(call)
  call.board.connectors = call.board.connectors.filter((other) => other !== connector)
  touch(call.board, call.stamp)
  return null
}

function readConnector ({ board, request }: BoardCall, current: typeof newConnector, isCreate: boolean) {
  const body = readFields(request, connectorRule, isCreate)
  const fields = overlayConnector(current, body)
  const problems = checkEnds(fields, board.items)
  if (problems.length > 0) throw invalidFields(problems)
  return fields
}

function findConnector (call: BoardCall): Connector {
  return findById(call.board.connectors, paramOf(call, 'connector_id'), 'Connector')
}

function toConnectorJson (connector: Connector, board: Board, viewer: BoardViewer): JsonObject {
  const { id, shape, captions, style, start, end } = connector
  const url = toBoardUrl(board, viewer)
  const toEnd = ({ itemId, position }: ConnectorEnd): JsonObject =>
    ({ id: itemId, ...(position !== undefined && { position }), links: { self: `${url}/items/${itemId}` } })
  return {
    id,
    type: 'connector',
    isSupported: true,
    shape,
    captions,
    style,
    startItem: toEnd(start),
    endItem: toEnd(end),
    createdAt: toInstant(connector.createdAt),
    createdBy: { id: connector.createdBy, type: 'user' },
    modifiedAt: toInstant(connector.modifiedAt),
    modifiedBy: { id: connector.modifiedBy, type: 'user' },
    links: { self: `${url}/connectors/${id}` }
  }
}
