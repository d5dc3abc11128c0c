/** What a call to Miro's API may take. */
export interface ApiLimits {
  /**
   * How long a JSON call (all calls but `fetch`) may take with its repetitions, head and body, in milliseconds. Default
   * 30 s.
   */
  callMs: number
  /**
   * How long a JSON call may wait in all for Miro's rate limit to be reset, in milliseconds; `callMs` counts anew after
   * each wait. A call that would have to wait for longer gets its 429 at once. Default 75 s, since a
   * reset may be a full minute ahead; 0: no call waits.
   */
  rateLimitWaitMs: number
  /** How long the answer to a JSON call may be, in bytes after it was unpacked. Default 32 MB. */
  responseBytes: number
  /** How long the body of a `Request` may be to be read into memory, so that it can be sent again. Default 1 MB. */
  requestBytes: number
}

export const defaultApiLimits: ApiLimits = {
  callMs: 30_000,
  rateLimitWaitMs: 75_000,
  responseBytes: 32 * 2 ** 20,
  requestBytes: 2 ** 20
}
