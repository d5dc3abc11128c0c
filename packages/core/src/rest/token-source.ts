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

/** A grant that was found, and its tokens. */
interface Found {
  ref: GrantRef
  tokens: TokenSource
}

/** What {@link LazyTokens} works with. */
interface LazyTokensParts<G> {
  find: () => Promise<G>
  /** Makes the source of the grant that was found. */
  tokensOf: (grant: G) => TokenSource
  onReauthorize: (ref: GrantRef, error: ReauthorizeError) => Promise<void>
}

/** A source that finds its grant at the first use, and reports when Miro refuses that grant. */
export class LazyTokens<G extends { ref: GrantRef }> implements TokenSource {
  readonly #parts: LazyTokensParts<G>
  #found: Promise<Found> | undefined

  constructor (parts: LazyTokensParts<G>) {
    this.#parts = parts
  }

  async ref (): Promise<GrantRef> {
    return (await this.#findOnce()).ref
  }

  async accessToken (signal?: AbortSignal): Promise<string> {
    const { ref, tokens } = await this.#findOnce()
    try {
      return await tokens.accessToken(signal)
    } catch (error) {
      return this.#fail(ref, error)
    }
  }

  async replacementFor (accessToken: string, signal?: AbortSignal): Promise<string | null> {
    const { ref, tokens } = await this.#findOnce()
    try {
      return await tokens.replacementFor(accessToken, signal)
    } catch (error) {
      return this.#fail(ref, error)
    }
  }

  /** A failure is forgotten, so that the next call tries again. */
  #findOnce (): Promise<Found> {
    const { find, tokensOf } = this.#parts
    return (this.#found ??= find().then((grant) => ({ ref: grant.ref, tokens: tokensOf(grant) }), (error: unknown) => {
      this.#found = undefined
      throw error
    }))
  }

  async #fail (ref: GrantRef, error: unknown): Promise<never> {
    if (error instanceof ReauthorizeError) await this.#parts.onReauthorize(ref, error)
    throw error
  }
}
