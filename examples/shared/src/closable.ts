/** A server, store or emulator that must be closed before the process ends. */
export interface Closable {
  close: () => PromiseLike<unknown>
}

/** Has a part closed at the end of the process, before the parts that were opened earlier. */
export type CloseAtEnd = (part: Closable) => void
