/** The person at the terminal and in the browser. */
export interface Person {
  tell: (text: string) => void
  confirm: (text: string) => Promise<boolean>
  /** Returns what the person pastes, without spaces around it; empty if they have nothing. */
  paste: (text: string) => Promise<string>
  /**
   * Has the person open a link and do what the text says. Resolves when they report an error page in place of Miro's
   * form. The signal ends the wait: the callback has arrived.
   */
  visit: (link: string, text: string, signal: AbortSignal) => Promise<void>
}
