/** What a call to Miro's API may take. */
export interface ApiLimits {
  /**
   * How long a JSON call (`boards`, `paginate`, `tokenContext`) may take, head and body, in milliseconds. Default 30 s.
   */
  callMs: number
  /** How long the answer to a JSON call may be, in bytes after it was unpacked. Default 32 MB. */
  responseBytes: number
  /** How long the body of a `Request` may be to be read into memory, so that it can be sent again. Default 1 MB. */
  requestBytes: number
}

export const defaultApiLimits: ApiLimits = { callMs: 30_000, responseBytes: 32 * 2 ** 20, requestBytes: 2 ** 20 }
