import type { Clock } from '../clock.js'
import type { Fetch } from '../wire/fetch.js'
import { createApiFetch, type ApiFetch } from './api-fetch.js'
import { createApiJson } from './api-json.js'
import { createBoards, type Boards } from './boards.js'
import { paginate, type PaginateOptions } from './paginate.js'
import { parseTokenContext, type TokenContext } from './token-context.js'
import type { TokenSource } from './token-source.js'

/** Acts in Miro on behalf of one grant. Every member is bound, so it can be handed on by itself. */
export interface MiroClient {
  /**
   * `fetch` to the Miro API with the grant's token, always a valid one. Relative URLs resolve against the API. A 401 that
   * stays after one more try with another token is returned, not thrown.
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
  tokenContext: () => Promise<TokenContext>
}

/** Makes a {@link MiroClient} over a source of tokens. */
export function createMiroClient ({ apiUrl, fetch, clock, tokens }: {
  apiUrl: string
  fetch: Fetch
  clock: Pick<Clock, 'now'>
  tokens: TokenSource
}): MiroClient {
  const apiFetch = createApiFetch({ apiUrl, fetch, tokens })
  const api = createApiJson(apiFetch, clock)
  return {
    fetch: apiFetch,
    accessToken: () => tokens.accessToken(),
    boards: createBoards(api),
    paginate: (path, options) => paginate(api, path, options),
    tokenContext: async () => parseTokenContext(await api('/v1/oauth-token'))
  }
}
