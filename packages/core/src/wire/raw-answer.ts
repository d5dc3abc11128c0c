/** The outcome of one request to Miro, before it is judged. */
export type RawAnswer =
  | { kind: 'answer', status: number, headers: Headers, body: string }
  /** Miro surely did not see the request. */
  | { kind: 'not-sent', cause: unknown }
  /** Miro may have seen it, and may have acted on it. */
  | { kind: 'no-answer', cause: unknown }
