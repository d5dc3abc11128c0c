import type { Fetch } from '../wire/fetch.js'
import { createApiFetch, type ApiFetch } from './api-fetch.js'
import { createApiCall, type ApiCall } from './api-call.js'
import { createApiJson, type ApiJson, type ApiJsonParts } from './api-json.js'
import { createBoardClient, type BoardClient } from './board/board-client.js'
import { Downloads } from './board/downloads.js'
import { createBoards, type Boards } from './boards.js'
import type { CallOptions, JsonOptions } from './json-request.js'
import type { RateLimits } from './limits/rate-limits.js'
import { noteLimit, type FindLimit } from './limits/with-rate-limit.js'
import { paginate, type PaginateOptions } from './paginate.js'
import { parseTokenContext, type TokenContext } from './token-context.js'
import type { TokenSource } from './token-source.js'

/** Acts in Miro on behalf of one grant. Every member is bound, so it can be handed on by itself. */
export interface MiroClient {
  /**
   * `fetch` to the Miro API with the grant's token, always a valid one. Relative URLs resolve against the API. A 401
   * that stays after one more try with another token is returned, not thrown.
   *
   * @throws {ForeignOriginError} another origin, before any socket
   * @throws {NotConnectedError | ReauthorizeError | UnavailableError} and whatever getting a token throws
   */
  fetch: ApiFetch
  /**
   * A valid access token, for clients that bring their own transport.
   *
   * @throws {NotConnectedError | ReauthorizeError | UnavailableError | StoreError | RecordError | ClosedError}
   */
  accessToken: () => Promise<string>
  /** The boards that the grant can reach. */
  boards: Boards
  /** One board, with its items, tags, connectors, groups and members. Nothing is sent until one of them is called. */
  board: (boardId: string) => BoardClient
  /**
   * Calls what is not typed, and throws like the typed calls: `json<Metrics>('/v2-experimental/apps/1/metrics')`.
   * Integers beyond 2^53 are texts. An answer without a body, such as a 204, is `undefined`. `T` is what the caller
   * expects; nothing checks it.
   *
   * @throws {ApiError} Miro answered no
   * @throws {ConfigError} a path, method, query or body that cannot be sent as it stands; nothing was sent
   * @throws {BadResponseError | UnavailableError | ForeignOriginError} and what getting a token throws
   */
  json: <T = unknown>(path: string, options?: JsonOptions) => Promise<T>
  /**
   * Every item of a list of the API, such as `/v2/boards/{id}/items`, by cursor or by offset. `T` is what the caller
   * expects; nothing checks it.
   */
  paginate: <T = Record<string, unknown>>(path: string, options?: PaginateOptions) => AsyncGenerator<T, void, undefined>
  /** Whose token it is, and what it may do. */
  tokenContext: (options?: CallOptions) => Promise<TokenContext>
}

interface ClientParts extends Omit<ApiJsonParts, 'limitOf'> {
  apiUrl: string
  fetch: Fetch
  tokens: TokenSource
  /** Without them, a 429 is thrown at once. */
  rateLimits?: Pick<RateLimits, 'of'> | undefined
}

/** Makes a {@link MiroClient} over a source of tokens. */
export function createClient (parts: ClientParts): MiroClient {
  return new LazyClient(parts)
}

/**
 * Makes each member at its first use: every request has a client, and most requests need one member of it. No member is
 * a closure set by the constructor: V8 frees objects that hold closures over themselves only in a full collection.
 */
class LazyClient implements MiroClient {
  readonly #parts: ClientParts
  #fetch: ApiFetch | undefined
  #api: ApiJson | undefined
  #typed: ApiCall | undefined
  #boards: Boards | undefined

  constructor (parts: ClientParts) {
    this.#parts = parts
  }

  get accessToken (): MiroClient['accessToken'] {
    const { tokens } = this.#parts
    return () => tokens.accessToken()
  }

  get fetch (): ApiFetch {
    return (this.#fetch ??= this.#noteLimit(createApiFetch(this.#parts)))
  }

  get boards (): Boards {
    return (this.#boards ??= createBoards(this.#call))
  }

  get board (): MiroClient['board'] {
    const call = this.#call
    const downloads = (): Downloads => new Downloads(this.#json, this.#parts)
    return (boardId) => createBoardClient(call, downloads, boardId)
  }

  get json (): MiroClient['json'] {
    const api = this.#json
    return async <T>(path: string, options?: JsonOptions) => await api(path, options) as T
  }

  get paginate (): MiroClient['paginate'] {
    const api = this.#json
    return <T>(path: string, options?: PaginateOptions) => paginate(api, path, options) as AsyncGenerator<T>
  }

  get tokenContext (): MiroClient['tokenContext'] {
    const { send } = this.#call
    return async (options) => parseTokenContext(await send('token-info', { options }))
  }

  get #json (): ApiJson {
    return (this.#api ??= createApiJson(this.fetch, { ...this.#parts, limitOf: this.#limitOf }))
  }

  get #limitOf (): FindLimit | undefined {
    const { tokens, rateLimits } = this.#parts
    return rateLimits === undefined ? undefined : async () => rateLimits.of(await tokens.ref())
  }

  #noteLimit (fetch: ApiFetch): ApiFetch {
    const find = this.#limitOf
    return find === undefined ? fetch : noteLimit(fetch, find)
  }

  get #call (): ApiCall {
    return (this.#typed ??= createApiCall(this.#json, this.#parts))
  }
}
