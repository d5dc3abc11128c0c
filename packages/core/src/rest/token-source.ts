/** Where a client gets its access token, and another one when Miro's API refuses it. */
export interface TokenSource {
  accessToken: (signal?: AbortSignal) => Promise<string>
  /** Another token than the refused one, or `null` where there is none to be had. */
  replacementFor: (accessToken: string, signal?: AbortSignal) => Promise<string | null>
}
