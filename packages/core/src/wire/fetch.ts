import { isForm, withFormAsBytes } from './form-bytes.js'
import { toResponse } from './to-response.js'

/** What is read of an answer of the option `fetch`: a Response, also one of undici, of node-fetch or of a test. */
export interface FetchAnswer {
  status: number
  headers: Iterable<[string, string]>
  /** A stream of the platform or of Node, or `null`; of anything else, `text` is called. */
  body: unknown
  text: () => Promise<string>
}

/** A `fetch` as the option takes it: only the type of its answer is wider than the platform's. */
export type FetchOption = (url: string, init: RequestInit) => Promise<FetchAnswer>

/** The `fetch` this package calls: the global one, or a stand-in of the same shape. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/**
 * The option `fetch`, or the global one as it is at each call, since tests and tools replace it. Either may be another
 * package's, which knows forms of its own classes alone, and whose answers are of its own classes: a form goes out as
 * bytes, and an answer comes back as a Response whose body is a stream of the platform.
 *
 * @throws {ConfigError} what it returned is no Response
 */
export function toFetch (option: FetchOption | undefined): Fetch {
  const send: FetchOption = option ?? ((url, init) => fetch(url, init))
  return async (url, init) => {
    const sendable = isForm(init.body) ? await withFormAsBytes(init, init.body) : init
    return toResponse(await send(url, sendable))
  }
}
