/** The kind of a record: the second part of its key. */
type Kind = 'grant' | 'link' | 'session' | 'sessions' | 'flow' | 'check' | 'revocation' | 'walk'

/**
 * Builds a store key such as `miro:grant:<client id>:<user id>:<team id>`.
 *
 * Every part is escaped, so that no id can forge another key. The client id keeps two apps in one store apart.
 */
export function storeKey (kind: Kind, clientId: string, ...parts: string[]): string {
  return `miro:${kind}:${[clientId, ...parts].map(escape).join(':')}`
}

/** Miro's ids need no escaping, and testing for that is cheaper than escaping. */
function escape (part: string): string {
  return /^[\w-]*$/.test(part) ? part : encodeURIComponent(part.toWellFormed())
}
