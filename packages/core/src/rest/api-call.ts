import { withDeadline } from '../deadline.js'
import { ApiError, BadResponseError, ConfigError, UnavailableError } from '../errors.js'
import { isJsonObject } from '../wire/lossless-json.js'
import { toId } from '../wire/token-answer.js'
import type { ApiJson, ApiJsonParts } from './api-json.js'
import type { ApiQuery, ApiRequest, CallOptions } from './json-request.js'
import { operations, type OperationId } from './operations.js'
import { paginate, type WalkedList } from './paginate.js'

/** What a typed call carries. */
export interface TypedRequest {
  /** In the order of the template. */
  ids?: readonly string[]
  /** Ids that travel in the query: without one, Miro would do something else, such as delete the item. */
  queryIds?: Readonly<Record<string, string>>
  query?: ApiQuery | undefined
  body?: unknown
  options?: CallOptions | undefined
  /** Of an operation that is not what its method says. */
  idempotent?: boolean
  /** Of a list whose entries are not its `data`. */
  entriesOf?: WalkedList['entriesOf']
}

/**
 * Makes typed calls from the table of operations. They throw ApiError, BadResponseError, UnavailableError and what
 * getting a token throws.
 */
export interface ApiCall {
  /** Of an operation that answers with an object. */
  send: (operation: OperationId, request?: TypedRequest) => Promise<Record<string, unknown>>
  /** Of one that answers without a body. */
  run: (operation: OperationId, request?: TypedRequest) => Promise<void>
  /** Every item of a list, page after page. */
  iterate: (operation: OperationId, request?: TypedRequest) => AsyncGenerator<Record<string, unknown>, void, undefined>
  /** Reads what a call will send, within the time of a call; the signal that `read` gets aborts when that is over. */
  prepare: <T>(read: (signal: AbortSignal) => Promise<T>, options?: CallOptions) => Promise<T>
}

/** Makes an {@link ApiCall} over JSON calls. */
export function createApiCall (api: ApiJson, { clock, limits }: Pick<ApiJsonParts, 'clock' | 'limits'>): ApiCall {
  async function call (operation: OperationId, request: TypedRequest = {}, kind: ResultKind = {}): Promise<unknown> {
    const { body, options = {}, idempotent } = request
    const { path, ...target } = toTarget(operation, request)
    return api(path, {
      ...target, ...kind, body, signal: options.signal, idempotent: options.idempotent ?? idempotent
    })
  }

  return {
    send: async (operation, request) => await call(operation, request, { isObject: true }) as Record<string, unknown>,
    run: async (operation, request) => { await call(operation, request, { isWithoutResult: true }) },
    async * iterate (operation, request = {}) {
      const { path, template, query } = toTarget(operation, request)
      const { options, entriesOf } = request
      yield * paginate(api, path, { query, template, entriesOf, signal: options?.signal })
    },
    async prepare (read, { signal } = {}) {
      signal?.throwIfAborted()
      const { callMs: ms } = limits
      const ended = new AbortController()
      const cause = new Error(`A stream to upload did not end within ${ms} ms.`)
      const late = (): UnavailableError => new UnavailableError({ cause })
      return withDeadline(read(ended.signal), { clock, ms, signal, late }).catch((error: unknown) => {
        ended.abort(error)
        throw error
      })
    }
  }
}

type ResultKind = Pick<ApiRequest, 'isObject' | 'isWithoutResult'>
interface Target { method: string, template: string, path: string, query: ApiQuery }

/** Where a call goes. @throws {ConfigError | ApiError} an id that cannot be one; nothing was sent */
function toTarget (operation: OperationId, { ids = [], queryIds = {}, query = {} }: TypedRequest): Target {
  const [method = '', template = ''] = operations[operation].split(' ')
  for (const id of [...ids, ...Object.values(queryIds)]) requireId(id, { method, template })
  const left = [...ids]
  const path = template.replaceAll(/\{\w+\}/g, () => encodeURIComponent(left.shift()?.toWellFormed() ?? ''))
  return { method, template, path, query: { ...query, ...queryIds } }
}

/** No item has these ids, and no URL can say them: dots are directories there, however they are encoded. */
const impossibleIds = new Set(['', '.', '..'])

function requireId (id: unknown, operation: { method: string, template: string }): void {
  if (typeof id !== 'string') throw new ConfigError('The id of a call to Miro\'s API must be a text.')
  if (impossibleIds.has(id)) throw new ApiError(404, { ...operation, isUnsent: true })
}

/** An object with an id, as Miro sent it. The type says what is documented of it. @throws {BadResponseError} */
export function toItem<T extends { id: string }> (value: unknown): T {
  const id = isJsonObject(value) ? toId(value['id']) : null
  if (!isJsonObject(value) || id === null) throw new BadResponseError()
  return { ...value, id } as T
}

/** The list in a field of an answer. @throws {BadResponseError} there is none */
export function toItems<T extends { id: string }> (value: unknown, field = 'data'): T[] {
  const items = isJsonObject(value) ? value[field] : null
  if (!Array.isArray(items)) throw new BadResponseError()
  return items.map((item) => toItem<T>(item))
}

/** Every object of a walk as an item. */
export async function * eachItem<T extends { id: string }> (
  items: AsyncIterable<unknown>
): AsyncGenerator<T, void, undefined> {
  for await (const item of items) yield toItem<T>(item)
}
