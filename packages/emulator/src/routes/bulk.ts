import type { FastifyRequest } from 'fastify'
import { addItems } from '../boards/board-contents.js'
import type { Board } from '../boards/board.js'
import { object, problem, required, toFields } from '../fields/rule.js'
import { choice } from '../fields/values.js'
import { checkParent, toBodyRule } from '../items/item-body.js'
import { type ItemKind, itemKinds, kindOf } from '../items/item-kinds.js'
import { type ItemBody, storeItem } from '../items/store-item.js'
import { toItemJson } from '../items/item-view.js'
import { type BoardCall, onBoard, type Operation, writeScope } from '../operations/operation.js'
import { requireSize } from '../uploads/upload.js'
import { type FieldProblem, invalidFields, invalidParameters } from '../wire/envelope.js'
import { parseJson, readJson } from '../wire/json-body.js'
import type { JsonObject } from '../wire/json-text.js'
import { requireMultipart, type UploadedFile } from '../wire/multipart.js'
import { readMediaType } from '../wire/parameters.js'

const maxItems = 20

/** Creates up to twenty items, or none: the problems of all of them are answered together. */
export const bulkOperations: readonly Operation[] = [
  {
    method: 'POST',
    path: '/:board_id/items/bulk',
    scope: writeScope,
    level: (request) => ({ level: 'level2', times: countItems(request) }),
    status: 201,
    handle: onBoard(createItems)
  }
]

type Entry = ItemBody & { kind: ItemKind }

function createItems (call: BoardCall): JsonObject {
  const { board, request, stamp, viewer } = call
  const entries = isUpload(request) ? readFiles(request, board) : readEntries(readJson(request), board, null)
  const items = entries.map((entry) => storeItem(call, entry.kind, entry))
  addItems(board, items, stamp)
  return { type: 'bulk-list', data: items.map((item) => toItemJson(item, board, viewer)) }
}

/** The parts `resources`, one file for each item, and `data`, a list of items in the order of the files. */
function readFiles (request: FastifyRequest, board: Board): Entry[] {
  const form = requireMultipart(request.body)
  const files = form.files('resources')
  requireSize(files)
  const list = parseJson(form.text('data') ?? '')
  return readEntries(list, board, files)
}

/** @throws {MiroRefusal} 400 with the problems of every item */
function readEntries (list: unknown, board: Board, files: readonly UploadedFile[] | null): Entry[] {
  if (!Array.isArray(list) || list.length < 1 || list.length > maxItems) {
    throw invalidParameters(`The body must be a list of 1 to ${maxItems} items`)
  }
  if (files !== null && files.length !== list.length) throw invalidParameters('resources must have one file for each item')
  const kinds = files === null ? itemKinds : itemKinds.filter((kind) => kind.files !== null)
  const problems = list.flatMap((body, index) => checkEntry(body, { index, board, kinds, isCreate: files === null }))
  if (problems.length > 0) throw invalidFields(problems)
  return list.flatMap((item: unknown, index) => {
    const body = toFields(item)
    const kind = kindOf(String(body['type']))
    return kind === undefined ? [] : [{ kind, body, file: files?.[index] ?? null }]
  })
}

function checkEntry (body: unknown, { index, board, kinds, isCreate }: {
  index: number
  board: Board
  kinds: readonly ItemKind[]
  isCreate: boolean
}): readonly FieldProblem[] {
  const at = { path: `[${index}]`, isCreate }
  const typeRule = object({ type: required(choice(kinds.map(({ type }) => type))) })
  const problems = typeRule.check(body, at)
  const kind = kindOf(String(toFields(body)['type']))
  if (problems.length > 0 || kind === undefined) return problems
  if (!kind.canHaveParent && toFields(body)['parent'] !== undefined) return [problem({ path: `${at.path}.parent` }, 'cannot be set')]
  return [...toBodyRule(kind).check(body, at), ...checkParent(body, board.items, `${at.path}.`)]
}

/** Each item costs the credits of a create; a body that cannot be read costs those of one. */
function countItems (request: FastifyRequest): number {
  try {
    const list = isUpload(request) ? parseJson(requireMultipart(request.body).text('data') ?? '') : readJson(request)
    return Array.isArray(list) ? Math.min(Math.max(list.length, 1), maxItems) : 1
  } catch {
    return 1
  }
}

function isUpload (request: FastifyRequest): boolean {
  return readMediaType(request) === 'multipart/form-data'
}
