/** The tokens of one user. */
export interface OldPair {
  accessToken: string
  /** `null` for an app whose tokens do not expire. */
  refreshToken: string | null
  /** Epoch milliseconds; `null`: not known, so that the first use refreshes. */
  expiresAt: number | null
}

/** How a library stores a pair, among other fields that are kept. */
export interface Format<State> {
  read: (state: State) => OldPair
  /** The state with another pair, as the old library would read it. */
  replace: (state: State, pair: OldPair) => State
}

/** The state that `@mirohq/miro-api` hands to its `storage`. */
export interface MiroApiState {
  userId: string
  accessToken: string
  refreshToken?: string
  /** ISO 8601, two minutes before Miro's own end. */
  tokenExpiresAt?: string
}

/** @see https://www.npmjs.com/package/@mirohq/miro-api */
export const miroApiFormat: Format<MiroApiState> = {
  read: ({ accessToken, refreshToken = null, tokenExpiresAt }) => {
    return { accessToken, refreshToken, expiresAt: toInstant(tokenExpiresAt) }
  },
  replace: ({ userId }, { accessToken, refreshToken, expiresAt }) => ({
    userId,
    accessToken,
    ...(refreshToken === null ? {} : { refreshToken }),
    ...(expiresAt === null ? {} : { tokenExpiresAt: new Date(expiresAt).toISOString() })
  })
}

/** The `token` of `@fastify/oauth2`, as it is or after a way through JSON. */
export interface FastifyOauth2Token {
  access_token: string
  refresh_token?: string
  expires_at?: Date | string
}

/** @see https://github.com/fastify/fastify-oauth2#readme */
export const fastifyOauth2Format: Format<FastifyOauth2Token> = {
  read: ({ access_token: accessToken, refresh_token: refreshToken = null, expires_at: expiresAt }) => {
    return { accessToken, refreshToken, expiresAt: toInstant(expiresAt) }
  },
  replace: (token, { accessToken, refreshToken, expiresAt }) => ({
    ...token,
    access_token: accessToken,
    ...(refreshToken === null ? {} : { refresh_token: refreshToken }),
    ...(expiresAt === null ? {} : { expires_at: new Date(expiresAt).toISOString() })
  })
}

/** An instant that cannot be read counts as not known: it is no reason to leave a user behind. */
function toInstant (value: Date | string | undefined): number | null {
  const at = value === undefined ? NaN : new Date(value).getTime()
  return Number.isNaN(at) ? null : at
}
