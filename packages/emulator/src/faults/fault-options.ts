import type { JsonObject } from '../wire/json-text.js'

/**
 * The requests that a fault applies to: those to the token endpoint, to both revocation endpoints, to the rest of the
 * API, to the authorize page, or to one path, given without its query.
 */
export type FaultTarget = 'token' | 'revoke' | 'api' | 'authorize' | `/${string}`

/** A request as the `match` of a fault sees it. */
export interface FaultRequest {
  readonly method: string
  /** Without its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Query and form together. */
  readonly parameters: URLSearchParams
  /** Empty for a body with files. */
  readonly body: string
  /** The status of Miro's answer; undefined before the commit. */
  readonly status: number | undefined
}

/** Which requests a fault happens to. */
interface FaultChoice {
  /** Default: all requests but those of the emulator's own pages. */
  on?: FaultTarget | undefined
  /** Selects among those; default all. */
  match?: ((request: FaultRequest) => boolean) | undefined
  /** How often the fault happens; default once. `Infinity`: until it is removed. */
  times?: number | undefined
}

/**
 * Whether the fault comes before the route has made its commit, so that nothing changes at Miro, or after it, so that
 * only the answer is affected. Default `'before'`.
 */
export type FaultStage = 'before' | 'after'

/** When a fault happens; default before the commit. */
interface Staged {
  when?: FaultStage | undefined
}

/**
 * Refuses the grant (or the access token) with 401, as Miro would; with `'client'`, the client's credentials; with
 * `'conflict'`, the change with 409 `conflict`.
 */
export type Refuse = Staged & { do: 'refuse', as?: 'grant' | 'client' | 'conflict' | undefined }

/** Sends this answer in place of Miro's. An object becomes JSON. */
export type Answer = Staged & {
  do: 'answer'
  status: number
  headers?: Readonly<Record<string, string>> | undefined
  body?: string | JsonObject | undefined
}

/** Holds the request, or its answer, for `ms` milliseconds of real time, or until a promise resolves or rejects. */
export type Delay = Staged & { do: 'delay' } & ({ ms: number } | { until: Promise<unknown> })

/** Closes the connection without an answer. */
export type Drop = Staged & { do: 'drop' }

/** Sends the head, with the `content-length` of the whole body, and half of the body; then closes the connection. */
export type Cut = { do: 'cut' }

/** Sends a page of HTML with status 200, the first half of the body as if it were all, or values of other types. */
export type Garble = { do: 'garble', as: 'html' | 'truncated' | 'types' }

/** What a fault does. */
export type FaultAction = Refuse | Answer | Delay | Drop | Cut | Garble

/** The actions that end a request: all but a delay. */
export type FaultEnd = Exclude<FaultAction, Delay>

/** What a fault does, to which requests, and how often. */
export type FaultOptions = FaultChoice & FaultAction

/** An added fault. */
export interface Fault {
  /** How often it has happened. */
  readonly hits: number
  /** Resolves when it happens for the first time. For `after`, the commit is then made. */
  readonly hit: Promise<void>
  /** Removes the fault; a request that it holds is held to the end of the delay. May be called again. */
  remove: () => void
}
