import { RecordError } from '../errors.js'
import { storeKey } from '../store/keys.js'

/** How a grant is named in every API. Ids are strings, exactly as Miro sent them. */
export interface GrantRef {
  /** Miro's id of the user, such as `'3458764520000000003'`. */
  userId: string
  /** Miro's id of the team that the user chose. */
  teamId: string
}

/** What one Miro user gave the app in one Miro team. It holds no token: ask `accessToken` for one. */
export interface Grant extends GrantRef {
  /** The scopes that were granted: they can be fewer than the app needs. */
  scopes: readonly string[]
  /** When the person connected, in epoch milliseconds. */
  connectedAt: number
  /** The user's name at Miro; missing where Miro was not asked yet, or did not say. */
  userName?: string
  /** The team's name at Miro; missing likewise. */
  teamName?: string
}

/** The names a grant has; a name that is not known is no field. */
export function namesOf ({ userName, teamName }: Pick<Grant, 'userName' | 'teamName'>): Pick<Grant, 'userName' | 'teamName'> {
  return { ...(userName === undefined ? {} : { userName }), ...(teamName === undefined ? {} : { teamName }) }
}

/** One text for a grant, as a key of maps within this process. */
export function refName ({ userId, teamId }: GrantRef): string {
  return JSON.stringify([userId, teamId])
}

/** The key of a grant in the store. */
export function grantKey (clientId: string, { userId, teamId }: GrantRef): string {
  return storeKey('grant', clientId, userId, teamId)
}

/** The beginning of the keys of all of an app's grants. */
export function grantKeyPrefix (clientId: string): string {
  return `${storeKey('grant', clientId)}:`
}

/** Parses a key of {@link grantKey}. @throws {RecordError} it is no such key */
export function grantRefOf (clientId: string, key: string): GrantRef {
  const [userId, teamId] = key.slice(grantKeyPrefix(clientId).length).split(':')
  if (userId === undefined || teamId === undefined) throw new RecordError()
  const ref = { userId: decodeURIComponent(userId), teamId: decodeURIComponent(teamId) }
  if (grantKey(clientId, ref) !== key) throw new RecordError()
  return ref
}
