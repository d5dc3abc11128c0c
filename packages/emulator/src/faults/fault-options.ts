import type { JsonObject } from '../wire/json-text.js'

/**
 * Which requests a fault is for: the token endpoint, both revocations, the rest of the API, the authorize page, or one
 * path without its query.
 */
export type FaultTarget = 'token' | 'revoke' | 'api' | 'authorize' | `/${string}`

/** A request as a fault may look at it. */
export interface FaultRequest {
  readonly method: string
  /** Without its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Query and form together. */
  readonly parameters: URLSearchParams
  readonly body: string
  /** What Miro is about to answer; undefined before the commit. */
  readonly status: number | undefined
}

/** For which requests, and how often. */
interface FaultChoice {
  /** Default: everything that is Miro's, which the emulator's own pages are not. */
  on?: FaultTarget
  /** Which of those; default all. */
  match?: (request: FaultRequest) => boolean
  /** How often, default once; `Infinity` until it is removed. */
  times?: number
}

/**
 * Before the route has done its work, so that nothing changes at Miro, or after it, so that everything has changed and
 * only the answer is in doubt. Default `'before'`.
 */
export type FaultStage = 'before' | 'after'

interface Staged {
  when?: FaultStage
}

/** Refuse the grant (or the access token), or, with `'client'`, the client's credentials; 401, as Miro would. */
export type Refuse = Staged & { do: 'refuse', as?: 'grant' | 'client' }

/** Answer this instead. An object becomes JSON. */
export type Answer = Staged & { do: 'answer', status: number, headers?: Readonly<Record<string, string>>, body?: string | JsonObject }

/** Hold the request, or its answer, for `ms` real milliseconds or until a promise is settled. */
export type Delay = Staged & { do: 'delay' } & ({ ms: number } | { until: Promise<unknown> })

/** Drop the connection without a word. */
export type Drop = Staged & { do: 'drop' }

/** Send the head, which promises all of the body, and half of the body; then drop the connection. */
export type Cut = { do: 'cut' }

/** A page of HTML with status 200, the first half of the body as if it were all, or every value of another type. */
export type Garble = { do: 'garble', as: 'html' | 'truncated' | 'types' }

/** What goes wrong. */
export type FaultAction = Refuse | Answer | Delay | Drop | Cut | Garble

/** What ends a request, which a delay does not. */
export type FaultEnd = Exclude<FaultAction, Delay>

/** Something that goes wrong, for which requests, and how often. */
export type FaultOptions = FaultChoice & FaultAction

/** A fault that was added. */
export interface Fault {
  /** How often it has happened. */
  readonly hits: number
  /** Resolves when it happens for the first time; for `after`, Miro's state has changed by then. */
  readonly hit: Promise<void>
  /** Ends it; a request that it holds stays held. May be called again. */
  remove: () => void
}
