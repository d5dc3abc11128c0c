import type { Reply } from '../wire/reply.js'

/** The tokens of an answer, and whose they are. */
export interface Pair {
  accessToken: string
  /** `null` in an app whose tokens do not expire. */
  refreshToken: string | null
  expiresInSeconds: number | null
  scopes: readonly string[]
  /** `user_id` and `team_id` as text. A number beyond 2^53 is inexact, but equal to itself. */
  owner: Readonly<{ userId: string, teamId: string }>
  /** The code of the exchange that the pair descends from. */
  code: string
}

/** The pair of a token answer, or `null` if it holds none. A refresh may leave out whose it is. */
export function readPair ({ json }: Reply, earlier: Pick<Pair, 'code'> & Partial<Pair>): Pair | null {
  const accessToken = json?.['access_token']
  if (json === null || typeof accessToken !== 'string') return null
  const { refresh_token: refreshToken, expires_in: expiresIn, scope, user_id: userId, team_id: teamId } = json
  return {
    accessToken,
    refreshToken: typeof refreshToken === 'string' ? refreshToken : null,
    expiresInSeconds: expiresIn === undefined ? null : Number(expiresIn),
    scopes: typeof scope === 'string' ? scope.split(' ') : earlier.scopes ?? [],
    owner: { userId: String(userId ?? earlier.owner?.userId), teamId: String(teamId ?? earlier.owner?.teamId) },
    code: earlier.code
  }
}

/** Whether both pairs are of one person in one team. */
export function haveOneOwner (one: Pair, other: Pair): boolean {
  return one.owner.userId === other.owner.userId && one.owner.teamId === other.owner.teamId
}
