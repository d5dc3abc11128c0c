import { ReauthorizeError } from '../errors.js'
import type { GrantRef } from '../grant/grant.js'

/** Where a client gets its access token, and another token when Miro's API refuses the first. */
export interface TokenSource {
  accessToken: (signal?: AbortSignal) => Promise<string>
  /** Another token than the refused one, or `null` if there is none. */
  replacementFor: (accessToken: string, signal?: AbortSignal) => Promise<string | null>
  /** Whose tokens they are. */
  ref: () => Promise<GrantRef>
}

/**
 * A source that finds its grant at the first use, and reports when Miro refuses that grant.
 *
 * @param tokensOf makes the source of the grant that was found
 */
export function lazyTokens<G extends { ref: GrantRef }> (
  find: () => Promise<G>,
  tokensOf: (grant: G) => TokenSource,
  onReauthorize: (ref: GrantRef, error: ReauthorizeError) => Promise<void>
): TokenSource {
  let found: Promise<{ ref: GrantRef, tokens: TokenSource }> | undefined

  function findOnce (): NonNullable<typeof found> {
    return (found ??= find().then((grant) => ({ ref: grant.ref, tokens: tokensOf(grant) }), (error: unknown) => {
      found = undefined
      throw error
    }))
  }

  async function use<T> (work: (tokens: TokenSource) => Promise<T>): Promise<T> {
    const { ref, tokens } = await findOnce()
    try {
      return await work(tokens)
    } catch (error) {
      if (error instanceof ReauthorizeError) await onReauthorize(ref, error)
      throw error
    }
  }

  return {
    ref: async () => (await findOnce()).ref,
    accessToken: (signal) => use((tokens) => tokens.accessToken(signal)),
    replacementFor: (accessToken, signal) => use((tokens) => tokens.replacementFor(accessToken, signal))
  }
}
