import { isForm, withFormAsBytes } from './form-bytes.js'
import { toResponse } from './to-response.js'

/** The `fetch` this package calls: the global one, or a stand-in of the same shape. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/**
 * The option `fetch`, or the global one as it is at each call, since tests and tools replace it. Either may be another
 * package's, which knows forms of its own classes alone, and whose answers are of its own classes: a form goes out as
 * bytes, and an answer comes back as a Response whose body is a stream of the platform.
 *
 * @throws {ConfigError} what it returned is no Response
 */
export function toFetch (option: Fetch | undefined): Fetch {
  const send: Fetch = option ?? ((url, init) => fetch(url, init))
  return async (url, init) => {
    const sendable = isForm(init.body) ? await withFormAsBytes(init, init.body) : init
    return toResponse(await send(url, sendable))
  }
}
