import { ReauthorizeError } from '../errors.js'
import type { GrantRef } from '../grant/grant.js'

/** Where a client gets its access token, and another one when Miro's API refuses it. */
export interface TokenSource {
  accessToken: (signal?: AbortSignal) => Promise<string>
  /** Another token than the refused one, or `null` where there is none to be had. */
  replacementFor: (accessToken: string, signal?: AbortSignal) => Promise<string | null>
}

/** A source that finds its grant at the first use, and tells when Miro refused that grant. */
export function lazyTokens (
  find: () => Promise<{ ref: GrantRef, tokens: TokenSource }>,
  onReauthorize: (ref: GrantRef, error: ReauthorizeError) => Promise<void>
): TokenSource {
  let found: ReturnType<typeof find> | undefined

  async function use<T> (work: (tokens: TokenSource) => Promise<T>): Promise<T> {
    found ??= find().catch((error: unknown) => {
      found = undefined
      throw error
    })
    const { ref, tokens } = await found
    try {
      return await work(tokens)
    } catch (error) {
      if (error instanceof ReauthorizeError) await onReauthorize(ref, error)
      throw error
    }
  }

  return {
    accessToken: (signal) => use((tokens) => tokens.accessToken(signal)),
    replacementFor: (accessToken, signal) => use((tokens) => tokens.replacementFor(accessToken, signal))
  }
}
