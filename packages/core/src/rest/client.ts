import type { Clock } from '../clock.js'
import type { Fetch } from '../wire/fetch.js'
import { createApiFetch, type ApiFetch } from './api-fetch.js'
import { createApiJson, type ApiJson } from './api-json.js'
import type { ApiLimits } from './api-limits.js'
import { createBoards, type Boards } from './boards.js'
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
  boards: Boards
  /** Every item of a list of the API, such as `/v2/boards/{id}/items`, by cursor or by offset. */
  paginate: (path: string, options?: PaginateOptions) => AsyncGenerator<Record<string, unknown>, void, undefined>
  /** Whose token it is, and what it may do. */
  tokenContext: (options?: { signal?: AbortSignal }) => Promise<TokenContext>
}

interface ClientParts {
  apiUrl: string
  fetch: Fetch
  clock: Clock
  limits: ApiLimits
  tokens: TokenSource
}

/** Makes a {@link MiroClient} over a source of tokens. */
export function createMiroClient (parts: ClientParts): MiroClient {
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
  #boards: Boards | undefined

  constructor (parts: ClientParts) {
    this.#parts = parts
  }

  get accessToken (): MiroClient['accessToken'] {
    const { tokens } = this.#parts
    return () => tokens.accessToken()
  }

  get fetch (): ApiFetch {
    return (this.#fetch ??= createApiFetch(this.#parts))
  }

  get boards (): Boards {
    return (this.#boards ??= createBoards(this.#json))
  }

  get paginate (): MiroClient['paginate'] {
    const api = this.#json
    return (path, options) => paginate(api, path, options)
  }

  get tokenContext (): MiroClient['tokenContext'] {
    const api = this.#json
    return async ({ signal } = {}) => parseTokenContext(await api('/v1/oauth-token', { signal }))
  }

  get #json (): ApiJson {
    return (this.#api ??= createApiJson(this.fetch, this.#parts))
  }
}
